package browser_test

import "testing"

// A device that counts what would be heard.
const silent = `<script>
window.tones = 0;
window.AudioContext = class {
	currentTime = 0;
	destination = {};
	createGain() { return {gain: {setValueAtTime() {}, exponentialRampToValueAtTime() {}}, connect() {}}; }
	createOscillator() { return {frequency: {setValueAtTime() {}}, connect: (next) => next, start() { window.tones++; }, stop() {}}; }
};
</script>`

func TestAnAnswerIsHeardUnlessTheVisitorSeesItOrWantsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.page(shopPage(silent + w.script(w.channel.ID)))
	p := open(t, address)
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	conversation := w.conversation()
	w.answer(conversation, "seen")
	p.sees("Hello", "seen")
	p.click(".panel .tools button:last-child")
	w.answer(conversation, "heard")
	p.until("window.tones === 1 && find('.badge')?.textContent === '1'") // not for the one that was seen

	// Switched off it stays off, on the next page too.
	p.openChat()
	p.click(".panel .tools button[aria-label=Sound]")
	p.until("find('.tools button[aria-label=Sound]').getAttribute('aria-pressed') === 'false' && find('.tools button[aria-label=Sound] path:last-child').getAttribute('d').includes('l6 6')")
	p.accessible()
	p.picture("sound-off")
	p.click(".panel .tools button:last-child")
	w.answer(conversation, "muted")
	p.until("find('.badge')?.textContent === '1'")
	p.reload()
	p.click(".launcher") // a gesture, after which it could
	p.until("find('.tools button[aria-label=Sound]').getAttribute('aria-pressed') === 'false'")
	p.click(".panel .tools button:last-child")
	w.answer(conversation, "muted again")
	p.until("find('.badge')?.textContent === '1' && window.tones === 0")
	p.openChat()
	p.click(".panel .tools button[aria-label=Sound]")
	p.until("window.tones === 1") // how it sounds
}

func TestNothingIsHeardBeforeTheVisitorTouchedThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.page(shopPage(silent + w.script(w.channel.ID)))
	p := open(t, address)
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	p.click(".panel .tools button:last-child")
	p.visit(address + "/next")
	p.until("find('.launcher')")
	w.answer(w.conversation(), "silent")
	p.until("find('.badge')?.textContent === '1' && document.hidden === false")
	// The pause before a tone has passed when a later one would have.
	if tones := eval[int](p, "new Promise((done) => setTimeout(() => done(window.tones), 600))"); tones != 0 {
		t.Errorf("%d tones before a gesture", tones)
	}
}

func TestNothingMovesForVisitorsWhoWantNoMotion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"prompt":{"enabled":true,"text":"Questions?"}}`)
	address, moving := w.shop(), "document.querySelector('switchboard-chat').shadowRoot.getAnimations().length"
	for _, wanted := range []string{"reduce", "no-preference"} {
		p := open(t, address, media("prefers-reduced-motion", wanted))
		p.until("find('.prompt-text')")
		prompt := eval[int](p, moving)
		p.openChat()
		p.write("Hello")
		p.delivered(1)
		w.answer(w.conversation(), "Good morning") // from then on the stream is live
		p.sees("Hello", "Good morning")
		p.untilBy(w.types(w.conversation()), "find('.dots') && (window.dots = "+moving+", true)")
		dots := eval[int](p, "window.dots")
		if still := wanted == "reduce"; still && prompt+dots > 0 || !still && dots == 0 {
			t.Errorf("%s: %d parts of the prompt and %d of the chat move", wanted, prompt, dots)
		}
	}
}

// Screen readers say what is added to a live region that is there.
func TestScreenReadersSayEveryAnswerAlsoWhileTheChatIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	conversation := w.conversation()
	p.click(".panel .tools button:last-child")
	p.run("window.said = []; new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((e) => find('[aria-live=polite]') && window.said.push(e.textContent)))).observe(root().querySelector('[aria-live=polite]'), {childList: true})")
	w.answer(conversation, "Good morning")
	w.answer(conversation, "How can we help?")
	p.until("window.said.join('|') === 'Ada Byron: Good morning|Ada Byron: How can we help?'")
	p.accessible()
	p.openChat()
	p.until("find('.panel [aria-live=polite]')")
	// What was refused is said, too.
	w.asAgent("PATCH", "/channels/"+w.channel.ID, map[string]any{"enabled": false}, nil)
	p.write("Thank you")
	p.until("window.said.at(-1) === 'Not sent.' && all('.mine .state').at(-1) === 'Not sent.'")
	p.accessible()
}
