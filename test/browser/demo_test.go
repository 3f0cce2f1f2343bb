package browser_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"switchboard/channels/call"
	"switchboard/channels/whatsapp"
	"switchboard/cmd/dev/demo"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// demoPages serves the demo's pages beside the API.
func (w *world) demoPages(channels ...inbox.Channel) {
	w.t.Helper()
	site := demo.New()
	shown := []map[string]any{}
	for _, channel := range channels {
		shown = append(shown, map[string]any{"id": channel.ID, "kind": channel.Kind, "name": channel.Name})
	}
	check(w.t, site.Show(map[string]any{
		"agents":   []any{map[string]any{"id": w.agent.ID, "name": w.agent.Name, "token": w.token, "admin": true}},
		"channels": shown, "temporal_ui_url": "http://127.0.0.1:1", "mail_url": "http://127.0.0.1:1/mail",
	}))
	w.stop()
	w.beside = map[string]http.Handler{"/dev/": site}
	w.start(w.address)
}

// received is a conversation of a contact on a channel.
func (w *world) received(channel inbox.Channel, text string, at time.Time) string {
	w.t.Helper()
	id := store.NewID()
	receipt := must(w.store.Receive(w.t.Context(), store.Inbound{
		Channel: channel, ThreadKey: id, ProviderMessageID: id, Text: text, At: at, WindowExpires: routing.WindowExpires(channel.Kind, at),
		Sender: inbox.Sender{Name: "Grace", Identities: []inbox.Identity{{Kind: inbox.IdentityPhone, Value: "+12025550123"}}},
	}))(w.t)
	must(w.store.ResolveContact(w.t.Context(), inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}))(w.t)
	return receipt.ConversationID
}

func TestTheDemosAgentIsOfferedWhatMayBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number := w.newChannel(&whatsapp.Channel{}, `{"number":"+12025550101"}`)
	check(t, w.store.KeepTemplates(t.Context(), inbox.KindWhatsApp, []inbox.ApprovedTemplate{{
		ID: "HX00000000000000000000000000000001", Name: "order_update", Language: "en",
		Body: "Hello {{1}}, your {{2}} is ready.", Variables: []string{"1", "2"},
	}}, time.Now(), time.Now().Add(time.Hour)))
	phone := w.newChannel(&call.Channel{}, `{"number":"+12025550102"}`)
	w.demoPages(w.channel, number, phone)
	calling := w.received(phone, "Phone call", time.Now())
	fresh := w.received(number, "Is my lamp ready?", time.Now())
	old := w.received(number, "Hello?", time.Now().Add(-25*time.Hour))

	p := open(t, "http://"+w.address+"/dev/agent#"+calling)
	p.until("document.getElementById('note').textContent.startsWith('A call cannot be answered in writing')")
	p.until("!document.getElementById('reply').checkVisibility()")
	p.accessible()
	p.picture("demo-call")

	p.run("location.hash = " + jsonOf(t, fresh))
	p.until("document.getElementById('note').textContent.startsWith('Anything may be sent until ') && !document.getElementById('text').readOnly")
	p.run("document.getElementById('text').value = 'Yes.'; document.querySelector('.send button').click()")
	p.until("[...document.querySelectorAll('.message.out .bubble')].map((e) => e.textContent).join() === 'Yes.'")

	p.run("location.hash = " + jsonOf(t, old))
	p.until("document.getElementById('note').textContent.startsWith('The 24 hours are over') && document.getElementById('text').readOnly")
	p.run("const select = document.getElementById('template'); select.selectedIndex = 1; select.onchange()")
	p.run("const [name, thing] = document.querySelectorAll('#variables input'); name.value = 'Grace'; thing.value = 'lamp'; document.getElementById('variables').oninput()")
	p.until("document.getElementById('text').value === 'Hello Grace, your lamp is ready.'")
	p.accessible()
	p.picture("demo-template")
	p.run("document.querySelector('.send button').click()")
	p.until("[...document.querySelectorAll('.message.out .bubble')].map((e) => e.textContent).join() === 'Hello Grace, your lamp is ready.'")
	p.until("document.getElementById('timeline').textContent.includes('The answer is sent')")
}

func TestTheDemosAgentTellsVisitorsApartAndReadsNobodyElsesMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	other := w.person("Grace Hopper") // unknown to the page
	conversations := map[string]string{}
	var names []string
	for _, whose := range []string{other.ID, w.agent.ID, ""} {
		receipt := must(w.store.Receive(t.Context(), store.Inbound{
			Channel: w.channel, ThreadKey: "of " + whose, ProviderMessageID: "to " + whose, Text: "Hello?", At: time.Now(),
			Sender: inbox.Sender{Identities: []inbox.Identity{inbox.CookieIdentity(whose)}},
		}))(t)
		ref := inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
		contact := must(w.store.ResolveContact(t.Context(), ref))(t).ContactID
		if whose != "" {
			must(w.store.AssignTo(t.Context(), ref.ConversationID, whose, inbox.Author{Kind: inbox.AuthorAutomation}, time.Now()))(t)
		}
		conversations[whose] = receipt.ConversationID
		names = append([]string{"Visitor " + strings.ToUpper(contact[len(contact)-4:])}, names...)
	}
	read := func(whose string) bool {
		t.Helper()
		events, _, err := w.store.Timeline(t.Context(), conversations[whose], store.Page{Limit: 100})
		check(t, err)
		return slices.ContainsFunc(events, func(event inbox.Event) bool { return event.Kind == inbox.EventRead })
	}
	p := open(t, "http://"+w.address+"/dev/agent#"+conversations[other.ID])
	p.until("document.getElementById('facts').textContent.startsWith('somebody else has it')")
	p.until("JSON.stringify([...document.querySelectorAll('#conversations .who')].map((e) => e.textContent)) === " + jsonOf(t, jsonOf(t, names)))
	p.picture("demo-visitors")
	heard := w.listen()
	for _, whose := range []string{w.agent.ID, ""} {
		p.run("location.hash = " + jsonOf(t, conversations[whose]))
		heard.until(inbox.EventRead, "")
		if !read(whose) {
			t.Errorf("what %q has is not read", whose)
		}
	}
	if read(other.ID) {
		t.Error("whoever looked in has read what another agent has")
	}
}

func TestTheDemosShopSaysWhetherSomebodyIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	p := open(t, "http://"+w.address+"/dev/")
	says := func(words string) {
		p.until("document.getElementById('presence').textContent === " + jsonOf(t, words))
	}
	says("Ask us anything: somebody is here.")
	p.accessible()
	p.picture("demo-shop")
	w.available(inbox.Away)
	p.run("window.onfocus()")
	says("Ask us anything: we answer as soon as we are back.")
	w.settings(`{"availability":{"away":{"behaviour":"hide"}}}`)
	p.run("window.onfocus()")
	says("")
}

func TestTheDemosAgentSeesPicturesAndWholeAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	var picture bytes.Buffer
	check(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 300, 200))))
	address := "https://lamps.test/" + strings.Repeat("a-shelf/", 30)
	manual := strings.Repeat("One line of the manual.\n", 40)
	receipt := must(w.store.Receive(t.Context(), store.Inbound{
		Channel: w.channel, ThreadKey: "grace", ProviderMessageID: "1", Text: manual + address, At: time.Now(),
		Sender: inbox.Sender{Identities: []inbox.Identity{inbox.CookieIdentity("grace")}},
		Files:  []store.File{{Name: "lamp.png", ContentType: "image/png", Data: picture.Bytes()}},
	}))(t)
	p := open(t, "http://"+w.address+"/dev/agent#"+receipt.ConversationID)
	p.until("document.querySelector('.file img')?.naturalWidth === 300")
	p.until("(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.getElementById('messages'))")
	p.until("document.querySelector('.bubble').textContent.endsWith(" + jsonOf(t, address) + ") && document.querySelectorAll('.bubble wbr').length === 30")
	p.accessible()
	p.picture("demo-files")
}

func TestTheDemosAgentListensWhileMessagesComeIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	silence := bytes.Repeat(append([]byte{0xff, 0xfb, 0x50, 0xc4}, make([]byte, 204)...), 100) // frames of MP3
	says := func(id, text string, files ...store.File) string {
		return must(w.store.Receive(t.Context(), store.Inbound{
			Channel: w.channel, ThreadKey: "grace", ProviderMessageID: id, Text: text, At: time.Now(), Files: files,
			Sender: inbox.Sender{Identities: []inbox.Identity{inbox.CookieIdentity("grace")}},
		}))(t).ConversationID
	}
	conversation := says("1", "اسمعوا هذا!", store.File{Name: "voice.mp3", ContentType: "audio/mpeg", Data: silence})
	p := open(t, "http://"+w.address+"/dev/agent#"+conversation)
	p.until("document.querySelector('audio')?.duration > 2")
	p.until("getComputedStyle(document.querySelector('.bubble')).direction === 'rtl'")
	p.accessible()
	p.picture("demo-voice")
	p.do(chromedp.MouseClickXY(500, 400)) // browsers play nothing for somebody who did nothing
	p.run("const voice = document.querySelector('audio'); voice.loop = true; voice.play()")
	p.until("!document.querySelector('audio').paused")
	says("2", "Did you listen?")
	p.until("[...document.querySelectorAll('.bubble')].at(-1).textContent === 'Did you listen?'")
	p.until("document.querySelectorAll('audio').length === 1 && !document.querySelector('audio').paused")
}

func TestTheDemosAgentSeesWhatLeftAndSendsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number := w.newChannel(&whatsapp.Channel{}, `{"number":"+12025550101"}`)
	w.demoPages(w.channel, number)
	conversation := w.received(number, "How does it sound?", time.Now())
	answer, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversation, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, Text: "Listen.", CreatedAt: time.Now(),
	}, store.File{Name: "first.ogg", ContentType: "audio/ogg", Data: []byte("1")}, store.File{Name: "second.ogg", ContentType: "audio/ogg", Data: []byte("2")})
	check(t, err)
	must(w.store.ClaimMessage(t.Context(), answer.ID, time.Now()))(t)
	for part := 1; part <= 2; part++ {
		must(w.store.ClaimPart(t.Context(), answer.ID, part, 3))(t)
		check(t, w.store.PartSent(t.Context(), answer.ID, part, store.NewID(), time.Now()))
	}
	check(t, w.store.FailMessage(t.Context(), answer.ID, inbox.CodeDeliveryFailed, "Twilio could not deliver the message.", time.Now()))

	p := open(t, "http://"+w.address+"/dev/agent#"+conversation)
	p.until("document.querySelector('.message.out')?.textContent.includes('Parts that have left: 2 of 3.')")
	p.accessible()
	p.picture("demo-rest")
	p.run("document.querySelector('.message.out .rest').click()")
	p.until("[...document.querySelectorAll('.message.out:last-child .file')].map((e) => e.textContent).join() === 'second.ogg'")
	p.until("document.querySelectorAll('.message.out').length === 2")
}

func TestTheDemosSettingsSayWhereAChatflowGoesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"welcome_message":"Hello!"}`)
	w.flow(`{"name":"Topics","greeting":"Good morning!","language":"en","steps":[{"id":"person","kind":"hand_over","text":"Somebody is coming."}]}`)
	w.demoPages(w.channel)
	p := open(t, "http://"+w.address+"/dev/preview")
	p.until("[...document.querySelectorAll('.hint')].map((e) => e.textContent).join().includes('Not shown: the chatflow “Topics” is active')")
	p.until("document.getElementById('settings').elements['flow.greeting'].value === 'Good morning!'")
	p.accessible()
	p.picture("demo-preview-flow")
	p.run("document.getElementById('settings').elements['flow.greeting'].focus()")
	p.do(chromedp.KeyEvent("!"))
	p.run("document.getElementById('publish').click()")
	p.until("document.getElementById('said').textContent.startsWith('Published')")
	if flow := must(w.store.ActiveChatflow(t.Context(), w.channel.ID))(t); flow.Greeting != "Good morning!!" {
		t.Errorf("the chatflow greets with %q", flow.Greeting)
	}
}

func TestWhoeverWritesIsNotCalledAwayByAPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	p := open(t, "http://"+w.address+"/dev/preview")
	p.do(chromedp.EmulateViewport(1500, 800))
	p.until("document.getElementById('settings').elements['settings.accent_colour']?.value === 'blue'")
	p.run("const field = document.getElementById('settings').elements['settings.accent_colour']; field.focus(); field.select()")
	p.do(chromedp.KeyEvent("#b0127e"))
	p.untilColoured("preview", 0xb0, 0x12, 0x7e)
	p.press("Backspace", "", 8)
	p.do(chromedp.KeyEvent("0"))
	p.untilColoured("preview", 0xb0, 0x12, 0x70)
	p.press("Backspace", "", 8)
	p.do(chromedp.KeyEvent("a"))
	p.until("document.activeElement.value === '#b0127a'")
}

func TestTheDemosSettingsArePreviewedAndPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.demoPages(w.channel)
	p := open(t, "http://"+w.address+"/dev/preview")
	p.do(chromedp.EmulateViewport(1500, 800))
	change := func(name, value string) {
		p.run("const form = document.getElementById('settings'); form.elements['" + name + "'].value = " + jsonOf(t, value) + "; form.oninput()")
	}
	p.until("document.getElementById('settings').elements['settings.accent_colour']?.value === 'blue'")
	change("settings.accent_colour", "#b0127e")
	p.untilColoured("preview", 0xb0, 0x12, 0x7e)
	p.accessible()
	p.picture("demo-preview")
	change("settings.accent_colour", "mauve")
	p.until("document.getElementById('problem').textContent.startsWith('The accent colour is') && document.querySelector('[aria-invalid]').name === 'settings.accent_colour'")
	if colour := w.colour(); colour != "blue" {
		t.Errorf("before it is published the colour is %s", colour)
	}
	change("settings.accent_colour", "teal")
	p.run("document.getElementById('publish').click()")
	p.until("document.getElementById('said').textContent.startsWith('Published')")
	if colour := w.colour(); colour != "teal" {
		t.Errorf("published, the colour is %s", colour)
	}
}

// colour is the chat's, as it is saved.
func (w *world) colour() string {
	w.t.Helper()
	var settings struct {
		Colour string `json:"accent_colour"`
	}
	check(w.t, json.Unmarshal(must(w.store.Channel(w.t.Context(), w.channel.ID))(w.t).Settings, &settings))
	return settings.Colour
}
