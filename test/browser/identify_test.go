package browser_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"testing"
)

// identify is what the website's page does, with what its server computed.
func (w *world) identify(p *tab, secret, email string) {
	w.t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(email))
	who := map[string]string{"email": email, "hash": hex.EncodeToString(mac.Sum(nil))}
	eval[any](p, "Switchboard.chat('"+w.channel.ID+"').identify("+jsonOf(w.t, who)+").then(() => true)")
}

// opens reports whether the visitor token does.
func (w *world) opens(token string) bool {
	w.t.Helper()
	request := must(http.NewRequestWithContext(w.t.Context(), "GET", "http://"+w.address+"/chat/"+w.channel.ID+"/messages", nil))(w.t)
	request.Header.Set("Authorization", "Visitor "+token)
	answer := must(http.DefaultClient.Do(request))(w.t)
	check(w.t, answer.Body.Close())
	return answer.StatusCode == http.StatusOK
}

// lockless is a page that cannot ask others to wait, as on websites without https, and
// on which the answer to a path is held up: window.held says so, window.release lets it go.
const lockless = `<script>
	Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
	const ask = window.fetch;
	window.fetch = async (address, options) => {
		const answer = await ask(address, options);
		if (window.hold && String(address).includes(window.hold)) {
			window.hold = '';
			window.held = true;
			await new Promise((release) => (window.release = release));
		}
		return answer;
	};
</script>`

func TestTwoPagesThatIdentifyAtOnceKeepTheThread(t *testing.T) {
	t.Parallel()
	for name, heldUp := range map[string]string{"the answer is late": "/identify", "the token is used first": "/messages?limit=1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			shop := w.page(shopPage(lockless + w.script(w.channel.ID)))
			p := open(t, shop)
			p.openChat()
			p.write("one")
			p.delivered(1)
			conversation := w.conversation()
			q := p.another(shop)
			q.sees("one")
			identify := "window.done = false; Switchboard.chat('" + w.channel.ID + "').identify({email: 'ada@example.com'}).then(() => (window.done = true))"

			p.run("window.hold = '" + heldUp + "'; " + identify)
			p.until("window.held")
			q.run(identify)
			if heldUp == "/identify" {
				q.until("window.done")
			} else {
				// The token that q has opens nothing any more; p has not said by which it was replaced.
				q.run("window.hold = '/sessions'")
				q.until("window.held")
				q.run("window.release()")
			}
			p.run("window.release()")
			p.until("window.done")
			q.until("window.done")
			p.write("two")
			p.sees("one", "two")
			q.sees("one", "two")
			q.write("three")
			p.sees("one", "two", "three")
			q.sees("one", "two", "three")
			p.delivered(3)
			if said := w.said(conversation); !slices.Equal(said, []string{"one", "two", "three"}) {
				t.Errorf("the agent sees %q", said)
			}
		})
	}
}

func TestEveryPageFollowsAVisitorWhoIsIdentified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var made struct{ Secret string }
	w.asAgent("POST", "/channels/"+w.channel.ID+"/identity-secrets", nil, &made)
	shop := w.shop()
	p := open(t, shop)
	p.openChat()
	p.write("one")
	p.delivered(1)
	conversation := w.conversation()
	q := p.another(shop)
	q.sees("one")
	stored := "JSON.parse(localStorage.getItem('switchboard:" + w.channel.ID + ":token'))"
	before := eval[string](p, stored)

	w.identify(p, made.Secret, "ada@example.com")
	after := eval[string](p, stored)
	if after == before || w.opens(before) || !w.opens(after) {
		t.Error("the token that others may know still works, or the new one does not")
	}
	// Nothing is lost or doubled on any page, whichever writes or listens.
	w.answer(conversation, "two")
	p.sees("one", "two")
	q.sees("one", "two")
	q.write("three")
	p.sees("one", "two", "three")
	p.write("four")
	q.sees("one", "two", "three", "four")
	p.delivered(3)
	w.answer(conversation, "five")
	p.sees("one", "two", "three", "four", "five")
	q.sees("one", "two", "three", "four", "five")
	q.reload()
	q.sees("one", "two", "three", "four", "five")
	if said := w.said(conversation); !slices.Equal(said, []string{"one", "two", "three", "four", "five"}) {
		t.Errorf("the agent sees %q", said)
	}

	// The next one at this computer sees nothing of it, on no page.
	w.identify(p, made.Secret, "bob@example.com")
	p.sees([]string{}...)
	q.sees([]string{}...)
	q.write("six")
	p.sees("six")
	p.delivered(1)
	if next := w.conversation(); next == conversation {
		t.Error("Bob writes in Ada's conversation")
	}
}
