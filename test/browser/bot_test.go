package browser_test

import "testing"

func TestAVisitorClicksThroughABot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var flow struct {
		ID string `json:"id"`
	}
	w.asAgent("POST", "/channels/"+w.channel.ID+"/chatflows", map[string]any{
		"name": "Topics", "greeting": "Hello!", "steps": []any{
			map[string]any{"id": "topic", "kind": "choose", "text": "What is it about?", "answers": []any{
				map[string]any{"id": "order", "title": "My order", "next": "lamp"},
				map[string]any{"id": "hours", "title": "Opening hours", "next": "hours"},
			}},
			map[string]any{"id": "lamp", "kind": "choose", "text": "Which lamp?", "answers": []any{
				map[string]any{"id": "dawn", "title": "Dawn", "next": "email"},
				map[string]any{"id": "dusk", "title": "Dusk", "next": "email"},
			}},
			map[string]any{"id": "email", "kind": "ask", "text": "Where do we reach you?", "collect": "email", "retries": 1, "next": "person"},
			map[string]any{"id": "person", "kind": "hand_over", "text": "Somebody is coming."},
			map[string]any{"id": "hours", "kind": "end", "text": "From nine to five."},
		},
	}, &flow)
	w.asAgent("POST", "/chatflows/"+flow.ID+"/activate", nil, nil)

	p := open(t, w.shop())
	p.openChat()
	p.sees("Hello!\n\nWhat is it about?")
	p.until("JSON.stringify(all('.reply')) === '[\"My order\",\"Opening hours\"]'")
	p.accessible()
	p.picture("bot")
	p.click(".reply")
	p.sees("Hello!\n\nWhat is it about?", "My order", "Which lamp?")
	p.until("JSON.stringify(all('.reply')) === '[\"Dawn\",\"Dusk\"]'")

	// The next page offers the same buttons; by the keyboard, too.
	p.reload()
	p.until("JSON.stringify(all('.reply')) === '[\"Dawn\",\"Dusk\"]'")
	p.run("root().querySelectorAll('.reply')[1].focus()")
	p.press("Enter", "\r", 13)
	p.sees("Hello!\n\nWhat is it about?", "My order", "Which lamp?", "Dusk", "Where do we reach you?")
	p.until("all('.reply').length === 0 && root().activeElement === find('textarea')")
	p.write("grace@contact.test")
	p.sees("Hello!\n\nWhat is it about?", "My order", "Which lamp?", "Dusk", "Where do we reach you?", "grace@contact.test", "Somebody is coming.")
	p.picture("bot-handed-over")
	w.answer(w.conversation(), "Hello Grace.")
	p.sees("Hello!\n\nWhat is it about?", "My order", "Which lamp?", "Dusk", "Where do we reach you?", "grace@contact.test", "Somebody is coming.", "Hello Grace.")
}
