package browser_test

import "testing"

func TestTwoTabsFollowOneConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.page(shopPage(silent + w.script(w.channel.ID)))
	second := open(t, address)
	second.until("find('.launcher')")
	first := second.another(address)
	first.openChat()
	first.write("one")
	first.delivered(1)
	conversation := w.conversation()
	first.click(".panel .tools button:last-child")
	second.reload()
	second.front()

	// What comes while the chat is closed counts in both, and is heard once.
	w.answer(conversation, "two")
	for _, p := range []*tab{first, second} {
		p.until("root().querySelector('.badge').textContent === '1' && !root().querySelector('.badge').hidden")
	}
	second.openChat()
	second.sees("one", "two")
	for _, p := range []*tab{first, second} {
		p.until("root().querySelector('.badge').hidden")
	}
	second.write("three")
	second.delivered(2)
	for _, p := range []*tab{first, second} {
		p.sees("one", "two", "three")
	}
	// The tab that held the connection goes; the other one takes over.
	first.close()
	w.answer(conversation, "four")
	second.sees("one", "two", "three", "four")
	second.until("!find('.network')")
}

func TestATabThatComesLaterIsConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.page(shopPage(silent + w.script(w.channel.ID)))
	first := open(t, address)
	first.openChat()
	first.write("one")
	first.delivered(1)
	second := first.another(address)
	second.front()
	second.sees("one") // the chat is open there, too
	second.until("root().querySelector('.network.late').hidden")
	second.reload()
	second.sees("one")
	second.until("root().querySelector('.network.late').hidden") // seen only after a while
}
