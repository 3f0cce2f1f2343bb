package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"

	"switchboard/inbox"
)

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
	second.openChat() // so that both could ring
	second.sees("one")
	second.until("root().querySelector('.network.late').hidden")
	second.click(".panel .tools button:last-child")

	// What comes while the chat is closed counts in both, and is heard once.
	w.answer(conversation, "two")
	for _, p := range []*tab{first, second} {
		p.until("root().querySelector('.badge').textContent === '1' && !root().querySelector('.badge').hidden")
	}
	first.until("localStorage.getItem('switchboard:" + w.channel.ID + ":rung')")
	// When this has passed the other tab has rung, too, if it does.
	tones := eval[int](first, "new Promise((done) => setTimeout(() => done(window.tones), 1500))") + eval[int](second, "window.tones")
	if tones != 1 {
		t.Errorf("one answer is heard %d times", tones)
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

func TestATabThatIsFrozenHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.shop()
	first := open(t, address)
	first.openChat()
	first.write("one")
	first.delivered(1)
	second := first.another(address)
	second.front()
	second.sees("one")
	second.until("root().querySelector('.network.late').hidden")
	life := func(state page.SetWebLifecycleStateState) {
		first.do(command(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state}))
	}
	life(page.SetWebLifecycleStateStateFrozen)
	w.answer(w.conversation(), "two")
	second.run("document.dispatchEvent(new Event('visibilitychange'))")
	second.sees("one", "two")

	life(page.SetWebLifecycleStateStateActive)
	first.sees("one", "two")
	w.answer(w.conversation(), "three")
	for _, p := range []*tab{first, second} {
		p.sees("one", "two", "three")
		p.until("root().querySelector('.network.late').hidden")
	}
	second.close()
	w.answer(w.conversation(), "four")
	first.sees("one", "two", "three", "four")
}

func TestWhatIsSaidWhileTheNetworkIsAwayReachesEveryTab(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.shop()
	first := open(t, address)
	first.openChat()
	first.write("one")
	first.delivered(1)
	// Nothing has happened since these tabs came, after which their streams could go on.
	first.reload()
	first.sees("one")
	second := first.another(address)
	second.sees("one")
	for _, p := range []*tab{first, second} {
		p.until("root().querySelector('.network.late').hidden")
	}
	conversation := w.conversation()
	back := w.restart()
	second.until("!root().querySelector('.network.late').hidden")
	answer, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversation, Text: "two", Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, CreatedAt: time.Now(),
	})
	check(t, err)
	check(t, w.store.SetMessageState(t.Context(), answer.ID, inbox.MessageSent, "", time.Now()))
	back()
	first.sees("one", "two")
	second.sees("one", "two")
}

// A computer that slept, whose timers stood still and whose connection is gone without a word.
const slept = `<script>
const [now, ask] = [Date.now, window.fetch];
window.asleep = window.streams = 0;
Date.now = () => now() + window.asleep;
window.fetch = (address, options) => { window.streams += String(address).endsWith('/events'); return ask(address, options); };
</script>`

func TestAfterSleepTheChatConnectsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.page(shopPage(slept+w.script(w.channel.ID))))
	p.openChat()
	p.write("one")
	p.delivered(1)
	p.until("window.streams === 1 && root().querySelector('.network.late').hidden")
	// A heartbeat that comes before the clock is looked at hides that an hour is over.
	p.untilBy(func() { p.run("if (window.streams < 2) window.asleep += 3600e3") },
		"window.streams > 1 && root().querySelector('.network.late').hidden")
	w.answer(w.conversation(), "two")
	p.sees("one", "two")
}
