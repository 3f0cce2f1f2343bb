// Package web is what browsers on other people's websites load: the chat widget
// (C1). It is hand-written JavaScript that is put together, minified and
// compressed when the process starts.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

//go:embed widget
var sources embed.FS

// Asset is a script as it is served.
type Asset struct {
	Plain   []byte
	Gzipped []byte
	// Version changes with the content, and is safe in addresses and headers.
	Version string
}

// Widget is the chat widget's script, in two parts.
type Widget struct {
	// Loader is what every page loads: the launcher, the prompt, the session.
	Loader Asset
	// Panel is a module that the loader imports when a visitor opens the chat or
	// has written before, by the name PanelName.
	Panel Asset
	// PanelName changes with the content.
	PanelName string
}

// Chat returns the chat widget. What is embedded is the same in every process, so
// that an error is one of the build.
var Chat = sync.OnceValues(func() (Widget, error) {
	panel, err := build("widget/panel.css", "export default function(chat){", "widget/panel/*.js", nil)
	if err != nil {
		return Widget{}, err
	}
	name := "panel-" + panel.Version + ".js"
	loader, err := build("widget/loader.css", "(()=>{'use strict';", "widget/loader.js", map[string]string{"PART": "widget/" + name})
	return Widget{Loader: loader, Panel: panel, PanelName: name}, err
})

// build wraps scripts, in the order of their names, into one function that knows
// the style sheet as CSS and further constants.
func build(style, open, pattern string, constants map[string]string) (Asset, error) {
	small := minify.New()
	small.AddFunc("css", css.Minify)
	small.AddFunc("js", js.Minify)
	sheet, err := sources.ReadFile(style)
	if err != nil {
		return Asset{}, fmt.Errorf("read style of the widget: %w", err)
	}
	if sheet, err = small.Bytes("css", sheet); err != nil {
		return Asset{}, fmt.Errorf("minify %s: %w", style, err)
	}
	var script strings.Builder
	script.WriteString(open)
	known := map[string]string{"CSS": string(sheet)}
	for name, value := range constants {
		known[name] = value
	}
	for _, name := range []string{"CSS", "PART"} {
		value, ok := known[name]
		if !ok {
			continue
		}
		literal, err := json.Marshal(value)
		if err != nil {
			return Asset{}, fmt.Errorf("encode %s: %w", name, err)
		}
		fmt.Fprintf(&script, "const %s=%s;\n", name, literal)
	}
	names, err := fs.Glob(sources, pattern)
	if err != nil || len(names) == 0 {
		return Asset{}, fmt.Errorf("find scripts %s: %w", pattern, err)
	}
	for _, name := range names {
		source, err := sources.ReadFile(name)
		if err != nil {
			return Asset{}, fmt.Errorf("read script of the widget: %w", err)
		}
		script.Write(source)
	}
	script.WriteString("}")
	if strings.HasPrefix(open, "(") {
		script.WriteString(")();")
	}
	minified, err := small.Bytes("js", []byte(script.String()))
	if err != nil {
		return Asset{}, fmt.Errorf("minify %s: %w", pattern, err)
	}
	return pack(minified)
}

func pack(plain []byte) (Asset, error) {
	var gzipped bytes.Buffer
	packer, err := gzip.NewWriterLevel(&gzipped, gzip.BestCompression)
	if err != nil {
		return Asset{}, fmt.Errorf("compress: %w", err)
	}
	if _, err := packer.Write(plain); err != nil {
		return Asset{}, fmt.Errorf("compress: %w", err)
	}
	if err := packer.Close(); err != nil {
		return Asset{}, fmt.Errorf("compress: %w", err)
	}
	digest := sha256.Sum256(plain)
	return Asset{Plain: plain, Gzipped: gzipped.Bytes(), Version: base64.RawURLEncoding.EncodeToString(digest[:9])}, nil
}
