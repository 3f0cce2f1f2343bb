package browser_test

import (
	"slices"
	"testing"
	"time"
)

func TestAVisitorChatsWithAnAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"heading":{"mode":"specific","agent_ids":["` + w.agent.ID + `"],"name":"Lamp support"},
		"welcome_message":"Hello! Ask us anything about lamps.","availability":{"reply_time":"minutes"}}`)
	p := open(t, w.shop())
	p.until("find('.launcher')")
	p.accessible()
	p.picture("closed")
	p.openChat()
	p.accessible()
	p.picture("open")
	p.write("Does it flicker?")
	p.sees("Hello! Ask us anything about lamps.", "Does it flicker?")
	p.delivered(1)
	p.until("!find('.ask')") // somebody is here
	conversation := w.conversation()
	w.answer(conversation, "Never. See https://lamps.test/facts?a=1&b=2. <b>Promised</b>")
	talk := []string{"Hello! Ask us anything about lamps.", "Does it flicker?", "Never. See https://lamps.test/facts?a=1&b=2. <b>Promised</b>"}
	p.sees(talk...)
	p.until("find('.text a')?.href === 'https://lamps.test/facts?a=1&b=2'")
	p.accessible()
	p.picture("conversation")

	// The thread and the open panel are there again on the next page.
	p.reload()
	p.sees(talk...)
	p.until("find('.panel')")

	// While it is closed, what comes in is counted.
	p.click(".panel .tools button:last-child")
	p.until("!find('.panel') && root().activeElement === find('.launcher')")
	w.answer(conversation, "Anything else?")
	p.until("find('.badge')?.textContent === '1' && find('.launcher').getAttribute('aria-label') === 'Open chat – 1 unread'")
	p.accessible()
	p.picture("unread")
	p.openChat()
	p.until("!find('.badge')")
}

func TestNothingIsLostOrDoubledWhenTheServerRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("one")
	p.sees("one")
	p.delivered(1)
	conversation := w.conversation()
	back := w.restart()
	p.until("find('.network')")
	p.write("two")
	p.write("three")
	p.sees("one", "two", "three")
	p.picture("reconnecting")
	// What waits outlives the page; the script comes from the browser's cache.
	p.reload()
	back()
	p.delivered(3)
	w.answer(conversation, "four")
	p.sees("one", "two", "three", "four")
	if said := w.said(conversation); !slices.Equal(said, []string{"one", "two", "three", "four"}) {
		t.Errorf("the agent sees %q", said)
	}
}

// forgetful is a page to which the server's answers to messages get lost.
const forgetful = `<script>
const ask = window.fetch;
window.lost = 0;
window.fetch = async (address, options) => {
	const answer = await ask(address, options);
	if (options?.method !== 'POST' || !String(address).endsWith('/messages') || window.heard) return answer;
	window.lost++;
	throw new TypeError('lost');
};
</script>`

func TestAMessageWhoseAnswerGotLostIsThereOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.page(shopPage(forgetful+w.script(w.channel.ID))))
	p.openChat()
	p.write("one")
	p.until("window.lost > 0")
	p.delivered(1) // as the stream tells
	p.sees("one")
	p.run("window.heard = true")
	p.write("two")
	p.delivered(2)
	p.sees("one", "two")
	if said := w.said(w.conversation()); !slices.Equal(said, []string{"one", "two"}) {
		t.Errorf("the agent sees %q", said)
	}
}

func TestWhatIsWrittenOfflineIsSentLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("one")
	p.delivered(1)
	conversation := w.conversation()
	cut := time.Now()
	p.offline(true)
	p.until("find('.network')?.textContent.includes('offline')")
	p.write("two")
	p.write("three")
	p.sees("one", "two", "three")
	p.picture("offline")
	w.answer(conversation, "four")
	p.until("Date.now() >= " + jsonOf(t, cut.Add(10*time.Second).UnixMilli()))
	if said := w.said(conversation); !slices.Equal(said, []string{"one", "four"}) {
		t.Fatalf("the agent sees %q before the network is back", said)
	}
	p.offline(false)
	p.delivered(3)
	p.sees("one", "four", "two", "three")
	if said := w.said(conversation); !slices.Equal(said, []string{"one", "four", "two", "three"}) {
		t.Errorf("the agent sees %q", said)
	}
}
