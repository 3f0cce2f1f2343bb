package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/channels/chat"
	"switchboard/inbox"
)

func TestAHeadingShowsThreeOfManyAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := []string{w.agent.ID}
	for _, name := range []string{"Grace Brewster Murray Hopper", "李 小龍", "Donaudampfschifffahrtsgesellschaftskapitän"} {
		ids = append(ids, w.person(name).ID)
	}
	w.settings(`{"accent_colour":"purple","heading":{"mode":"specific","agent_ids":` + jsonOf(t, ids) + `,"name":"The Lamp Company"},
		"welcome_message":"Hello!","availability":{"reply_time":"hours"}}`)
	p := open(t, w.shop())
	p.openChat()
	p.until("all('.faces .face').length === 3 && new Set(all('.faces .face')).size === 3")
	people := eval[string](p, "(() => {"+inside+" return find('.names').textContent})()")
	if count := strings.Count(people, ", ") + 1; count != 3 {
		t.Errorf("the heading names %q", people)
	}
	p.accessible()
	p.picture("heading")
	p.click(".panel .tools button:last-child")
	p.reload()
	p.openChat()
	p.until("find('.names').textContent === " + jsonOf(t, people))
}

// closedUntil are hours that begin on a day.
func closedUntil(day time.Weekday) string {
	return fmt.Sprintf(`"mode":"hours","hours":{"time_zone":"UTC","ranges":[{"day":%q,"from":"09:00","to":"17:00"}]}`, inbox.WeekdayOf(day))
}

func TestOutsideItsHoursTheChatSaysWhenItIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := time.Now().UTC().AddDate(0, 0, 3).Weekday() // not tomorrow, also after midnight
	w.settings(`{"accent_colour":"teal","welcome_message":"Hello!","availability":{` + closedUntil(day) + `,"outside":{"behaviour":"return_time"}}}`)
	p := open(t, w.shop())
	p.openChat()
	p.until("find('.presence').textContent.startsWith('We are back on " + day.String() + "')")
	p.accessible()
	p.picture("outside-hours")
	w.settings(`{"availability":{` + closedUntil(day) + `,"outside":{"behaviour":"hide"}}}`)
	p.click(".panel .tools button:last-child")
	p.reload()
	p.until("document.querySelector('switchboard-chat')?.hidden")
}

// atEnd says that the end of the thread is in view.
const atEnd = "find('.log').scrollHeight - find('.log').scrollTop - find('.log').clientHeight < 2"

func TestAChatWithoutAWelcomeMessageInvitesInItsLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var p *tab
	for _, language := range chat.Languages() {
		w.settings(`{"language":"` + language + `"}`)
		if p == nil {
			p = open(t, w.shop())
			p.openChat()
		} else {
			p.reload()
		}
		p.until("find('.frame')?.lang === '" + language + "' && find('.begin p')?.textContent.length > 10")
		p.accessible()
		p.picture("begin-" + language)
	}
	p.write("Olá")
	p.sees("Olá")
	p.until("!find('.begin')")
}

func TestLongNamesLongWordsAndManyMessagesFit(t *testing.T) {
	t.Parallel()
	for name, before := range map[string][]step{"long": nil, "long-phone": {phone()}, "long-dark": {dark()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings(`{"accent_colour":"#d5006d","heading":{"mode":"custom","name":"` + strings.Repeat("Rindfleischetikettierung ", 6) + `"},
				"welcome_message":"Hello!","availability":{"reply_time":"minutes"}}`)
			p := open(t, w.shop(), before...)
			p.openChat()
			p.write("Hello")
			p.delivered(1)
			conversation := w.conversation()
			for i := range 30 {
				w.answer(conversation, fmt.Sprintf("Line %d of the manual.", i))
			}
			w.answer(conversation, "See https://lamps.test/"+strings.Repeat("very-long-path/", 12)+" or "+strings.Repeat("W", 90)+"\nand\n\nso on.")
			p.until("all('.message').length === 33")
			p.until(atEnd)
			p.until("['.panel', '.log', '.head'].every((part) => find(part).scrollWidth <= find(part).clientWidth)")
			p.accessible()
			p.picture(name)
		})
	}
}

func TestTheChatFillsInAccentsOfAnyColourReadably(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var address string
	p := open(t, w.page("<title>colours</title>"))
	for _, colour := range []string{"#ffffff", "#000000", "#767676", "#ff0000", "#00ff00", "#0000ff", "#ffcc00", "#8e44ad"} {
		w.settings(`{"welcome_message":"Hello! https://lamps.test","accent_colour":"` + colour + `"}`)
		address = w.shop()
		p.visit(address)
		p.openChat()
		p.write("Hello")
		p.delivered(1)
		p.accessible()
	}
	p.picture("purple")
}

// flow makes a chatflow the channel's active one.
func (w *world) flow(flow string) {
	w.t.Helper()
	var created struct {
		ID string `json:"id"`
	}
	w.asAgent("POST", "/channels/"+w.channel.ID+"/chatflows", json.RawMessage(flow), &created)
	w.asAgent("POST", "/chatflows/"+created.ID+"/activate", nil, nil)
}

func TestPresetAnswersAreButtonsInTheChatflowsLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.flow(`{"name":"Topic","language":"fr","greeting":"Bonjour !","steps":[
		{"id":"topic","kind":"choose","text":"De quoi s’agit-il ?","answers":[
			{"id":"order","title":"Ma commande","next":"person"},{"id":"lamp","title":"Une lampe <b>cassée</b>","next":"person"}]},
		{"id":"person","kind":"hand_over","text":"Quelqu’un arrive."}]}`)
	p := open(t, w.shop(), speaks("de"))
	p.openChat()
	p.until("find('textarea').placeholder === 'Écrivez votre message…'")
	p.sees("Bonjour !\n\nDe quoi s’agit-il ?")
	p.until("all('.reply').join() === 'Ma commande,Une lampe <b>cassée</b>'")
	p.accessible()
	p.picture("quick-replies")
	// With the keyboard, too: it is a button.
	p.run("find('.reply:last-child').focus()")
	p.press("Enter", "\r", 13)
	p.sees("Bonjour !\n\nDe quoi s’agit-il ?", "Une lampe <b>cassée</b>")
	p.until("!find('.reply') && root().activeElement === find('textarea') && all('.mine .state')[0] === 'Distribué'")
	message := must(w.store.Message(t.Context(), w.messages(w.conversation())[0].ID))(t)
	if message.Payload != "topic:lamp" || message.Text != "Une lampe <b>cassée</b>" {
		t.Errorf("the company got %q, %q", message.Text, message.Payload)
	}
	if len(message.Fields) != 1 || message.Fields[0].Name != "language" || message.Fields[0].Values[0] != "fr" {
		t.Errorf("the company does not learn which language the visitor was spoken to: %+v", message.Fields)
	}

	// Where the channel says so, the visitor's browser goes first.
	w.settings(`{"browser_language":true}`)
	p.reload()
	p.until("find('textarea')?.placeholder === 'Nachricht schreiben…' && find('.frame').lang === 'de'")
}
