package channels_test

import (
	"strings"
	"testing"

	"switchboard/channels"
)

func TestAFilesTypeIsBelievedUnlessItSaysNothingOrTricks(t *testing.T) {
	t.Parallel()
	for declared, story := range map[string]struct{ data, want string }{
		"":                         {"%PDF-1.7", "application/pdf"},
		"pdf":                      {"%PDF-1.7", "application/pdf"},
		"application/octet-stream": {"GIF89a", "image/gif"},
		"image/png":                {"<html><script>", "text/html"},
		"image/jpeg":               {"GIF89a", "image/gif"},
		"image/jpg":                {"\xff\xd8\xff\xe0", "image/jpeg"},
		"image/heic":               {"\x00\x01", "image/heic"},
		"image/gif":                {"just text", "text/plain"},
		"application/pdf":          {"<!DOCTYPE html>", "text/html"},
		"text/plain":               {"<html>", "text/plain"},
		"text/csv":                 {"a,b", "text/csv"},
	} {
		if got := channels.ContentType(declared, []byte(story.data)); got != story.want {
			t.Errorf("%q of %q is %q, want %q", declared, story.data, got, story.want)
		}
	}
}

func TestWhatABrowserWouldRunIsNoPicture(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`,
		`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>`,
		"\ufeff \n<!-- lamp --><svg onload=x()>",
		"<!DOCTYPE svg><svg onload=x()>",
		"<script>x()</script>",
		" \t<HTML><body onload=x()>",
		"<!-- GIF89a --><iframe src=javascript:x()>",
		"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>x()</script></html>",
		"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>x()</script>",
		"%PDF-1.7 /JS (x())",
	} {
		for _, declared := range []string{"", "image", "image/png", "image/jpeg", "application/octet-stream"} {
			if got := channels.ContentType(declared, []byte(data)); strings.HasPrefix(got, "image/") {
				t.Errorf("%q, called %q, is %q", data, declared, got)
			}
		}
	}
}
