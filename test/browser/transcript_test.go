package browser_test

import (
	"testing"
	"time"
)

func TestAVisitorHasACopyOfTheChatMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	const tool = ".panel .tools button[aria-label='E-mail a copy of this chat']"
	p.write("Hello")
	p.delivered(1)
	p.until("!find(\"" + tool + "\")")
	w.answer(w.conversation(), "Good morning")
	p.until("find(\"" + tool + "\")")
	p.click(tool)
	p.until("root().activeElement?.id === 'copy'")
	p.accessible()
	p.picture("transcript")

	p.run("root().activeElement.value = 'grace'")
	p.press("Enter", "\r", 13)
	p.until("find('#copy-problem').textContent.startsWith('Enter an e-mail address')")
	p.accessible()
	p.run(`find('#copy').value = 'grace@contact.test';
		const seen = () => (window.copied ||= find('.network')?.textContent === 'The copy is on its way.');
		new MutationObserver(seen).observe(root(), {subtree: true, childList: true, attributes: true})`)
	p.press("Enter", "\r", 13)
	p.until("window.copied") // for some seconds it said so
	p.until("root().activeElement?.tagName === 'TEXTAREA'")
	pending := must(w.store.PendingTranscripts(t.Context(), time.Now().Add(time.Hour), 2))(t)
	if len(pending) != 1 {
		t.Errorf("%d copies are to be mailed", len(pending))
	}
}
