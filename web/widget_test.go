package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"switchboard/web"
)

func TestTheWidgetIsSmall(t *testing.T) {
	t.Parallel()
	widget, err := web.Chat()
	if err != nil {
		t.Fatal(err)
	}
	loader, all := len(widget.Loader.Gzipped), len(widget.Loader.Gzipped)+len(widget.Panel.Gzipped)
	t.Logf("loader %d bytes, in all %d, compressed", loader, all)
	if loader > 5_000 {
		t.Errorf("before the chat is opened %d bytes are loaded, at most 5,000 may be", loader)
	}
	if all > 30_000 {
		t.Errorf("the widget has %d bytes, at most 30,000 may be", all)
	}
	for name, asset := range map[string]web.Asset{"loader": widget.Loader, "panel": widget.Panel} {
		unpacked, err := gzip.NewReader(bytes.NewReader(asset.Gzipped))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(plain, asset.Plain) {
			t.Errorf("%s: compressed and plain differ (%v)", name, err)
		}
	}
}

func TestTheLoaderKnowsThePanel(t *testing.T) {
	t.Parallel()
	widget, err := web.Chat()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(widget.Loader.Plain), widget.PanelName) || !strings.Contains(widget.PanelName, widget.Panel.Version) {
		t.Errorf("the loader does not import %s", widget.PanelName)
	}
}

// A strict Content-Security-Policy forbids the first three; the others put data
// into a page as HTML.
func TestTheWidgetNeedsNothingUnsafe(t *testing.T) {
	t.Parallel()
	widget, err := web.Chat()
	if err != nil {
		t.Fatal(err)
	}
	unsafe := regexp.MustCompile(`\beval\(|new Function|javascript:|innerHTML|outerHTML|insertAdjacentHTML|document\.write|document\.cookie|setAttribute\("style"`)
	for name, asset := range map[string]web.Asset{"loader": widget.Loader, "panel": widget.Panel} {
		if found := unsafe.Find(asset.Plain); found != nil {
			t.Errorf("the %s has %s", name, found)
		}
	}
}
