package web

import "embed"

// Preview has the page on which admins look at a channel before they publish it
// (C9): preview.html with its parts, and frame.js, which stands in for the server in
// its frames.
//
//go:embed preview
var Preview embed.FS
