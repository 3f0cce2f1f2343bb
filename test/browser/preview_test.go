package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestAnAdminSeesUnsavedSettingsOnThreeScreensAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Websites that may use the chat have nothing to do with who may look at it.
	w.settings(`{"allowed_origins":["https://shop.test"],"welcome_message":"Hello!"}`)
	var preview struct {
		URL string `json:"url"`
	}
	w.asAgent("POST", "/channels/"+w.channel.ID+"/preview", map[string]any{
		"changes":  map[string]any{"settings": map[string]any{"accent_colour": "#b0127e", "heading": map[string]any{"name": "Lamp support"}}},
		"chatflow": topics("What is it about?"),
	}, &preview)
	_, about, _ := strings.Cut(preview.URL, "#")
	p := open(t, "http://"+w.address+"/previews#"+about, chromedp.EmulateViewport(1500, 760))
	p.until("document.title === 'Preview: Website'")
	for _, screen := range []string{"desktop", "tablet", "phone"} {
		p.untilColoured(screen, 0xb0, 0x12, 0x7e)
	}
	if reachable := eval[int](p, "[...document.querySelectorAll('iframe')].filter((f) => f.contentDocument).length"); reachable != 0 {
		t.Errorf("%d frames are not sandboxed", reachable)
	}
	p.accessible()
	p.picture("preview")

	// A frame by itself, where a visitor's clicks can be played.
	p.run("const submit = HTMLFormElement.prototype.submit; HTMLFormElement.prototype.submit = function () { this.target = '_self'; submit.call(this) }; document.getElementById('scene').onchange()")
	p.until("find('.panel')")
	p.sees("What is it about?")
	p.click(".reply")
	p.sees("What is it about?", "My order", "Somebody is coming.")
	p.delivered(1)
	p.write("Is anybody there?")
	p.sees("What is it about?", "My order", "Somebody is coming.", "Is anybody there?")
	if left := eval[string](p, "fetch('/healthz').then((r) => 'answered ' + r.status, String)"); left != "answered 204" {
		t.Errorf("the frame's own server is gone: %s", left)
	}
	refused := eval[bool](p, "new Promise((done) => { const r = new XMLHttpRequest(); r.onload = () => done(false); r.onerror = () => done(true); r.open('GET', '/healthz'); r.send() })")
	if !refused {
		t.Error("something leaves the frame")
	}
	if id := w.conversation(); id != "" {
		t.Errorf("the preview made the conversation %s", id)
	}
}

// topics is a chatflow that offers a preset answer.
func topics(question string) map[string]any {
	return map[string]any{"name": "Topics", "steps": []any{
		map[string]any{"id": "topic", "kind": "choose", "text": question, "answers": []any{
			map[string]any{"id": "order", "title": "My order", "next": "person"},
			map[string]any{"id": "lamp", "title": "A lamp", "next": "person"},
		}},
		map[string]any{"id": "person", "kind": "hand_over", "text": "Somebody is coming."},
	}}
}

// untilColoured waits until a frame shows a colour: what is in a sandboxed frame,
// only people see.
func (p *tab) untilColoured(frame string, r, g, b byte) {
	p.t.Helper()
	at := eval[[]float64](p, fmt.Sprintf("(() => { const r = document.querySelector('iframe[name=%s]').getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] })()", frame))
	area := image.Rect(int(at[0]), int(at[1]), int(at[2]), int(at[3]))
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		shot := must(png.Decode(bytes.NewReader(must(chromedp.Run(ctx, chromedp.CaptureScreenshot()))(p.t))))(p.t)
		cancel()
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				if sr, sg, sb, _ := shot.At(x, y).RGBA(); byte(sr>>8) == r && byte(sg>>8) == g && byte(sb>>8) == b {
					return
				}
			}
		}
	}
	p.picture("preview-failed")
	p.t.Fatalf("the %s never shows the colour", frame)
}
