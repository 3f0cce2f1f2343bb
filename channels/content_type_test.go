package channels_test

import (
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
