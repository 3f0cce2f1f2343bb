package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"switchboard/inbox"
)

// A phone on its side, and a page of 1280 by 1024 that is enlarged fourfold (WCAG 1.4.10).
func TestOnLowScreensEverythingCanBeReached(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{320, 256}, {800, 360}} {
		name := fmt.Sprintf("low-%dx%d", size[0], size[1])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings(`{"heading":{"mode":"custom","name":"Lampen und Leuchten Handelsgesellschaft"},"welcome_message":"Hello! Ask us."}`)
			w.available(inbox.Away)
			p := open(t, w.shop(), chromedp.EmulateViewport(size[0], size[1]))
			reached := func(selector string) {
				p.run("find('" + selector + "').scrollIntoView({block: 'center'})")
				p.until("(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(find('" + selector + "').getBoundingClientRect())")
			}
			p.openChat()
			p.picture(name + "-begin")
			p.write("Call me")
			p.delivered(1)
			for _, part := range []string{".tools button:last-child", ".message .text", "#email", "textarea"} {
				reached(part)
			}
			p.until("find('.log').clientHeight > 100")
			p.accessible()
			p.picture(name)
		})
	}
}

// A browser whose keyboard covers a part of the page, as iOS does.
const keyboard = `<script>
const visible = Object.assign(new EventTarget(), {offsetTop: 0, height: innerHeight, scale: 1});
Object.defineProperty(window, 'visualViewport', {value: visible});
window.show = (what) => visible.dispatchEvent(Object.assign(new Event('resize'), Object.assign(visible, what) && {}));
</script>`

func TestOnAPhoneTheChatStandsAboveTheKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.page(shopPage(keyboard+w.script(w.channel.ID))), phone())
	p.openChat()
	stands := func(top, height int) {
		p.until(fmt.Sprintf("(({ top, height }) => top === %d && height === %d)(find('.panel').getBoundingClientRect())", top, height))
	}
	stands(0, 780)
	p.run("window.show({offsetTop: 60, height: 420})")
	stands(60, 420)
	p.picture("phone-keyboard")
	p.run("window.show({offsetTop: 0, height: 780})")
	stands(0, 780)
	p.run("window.show({offsetTop: 200, height: 390, scale: 2})") // enlarged with two fingers
	stands(0, 780)
}

func TestOnAPhoneTheChatDoesNotCoverTheNextPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.shop()
	p := open(t, address, phone())
	p.openChat()
	p.write("Which lamp?")
	p.delivered(1)
	p.visit(address + "/this-one")
	p.until("find('.launcher')")
	w.answer(w.conversation(), "This one.")
	p.until("find('.badge')?.textContent === '1' && !find('.panel')")
	p.openChat()
	p.sees("Which lamp?", "This one.")
}
