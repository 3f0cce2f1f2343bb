package browser_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"switchboard/channels/chat"
	"switchboard/inbox"
)

func TestAnAwayChatAsksWhereToAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.available(inbox.Away)
	p := open(t, w.shop())
	p.openChat()
	p.until("find('.presence').textContent.startsWith('Nobody is here right now')")
	p.write("Call me")
	p.delivered(1)
	p.until("find('.ask')")
	p.accessible()
	p.picture("away")
	p.run("find('#email').focus()")
	p.do(chromedp.KeyEvent("nonsense"))
	p.click(".ask button")
	p.until("find('.problem').textContent.startsWith('Enter an e-mail')")
	p.run("find('#email').value = ''")
	p.do(chromedp.KeyEvent("ana@example.com"))
	p.click(".ask button")
	p.until("!find('form.ask') && root().activeElement === find('textarea')")
	// Escape closes the chat from the launcher, too.
	p.run("find('.launcher').focus()")
	p.press("Escape", "", 27)
	p.until("!find('.panel')")
}

func TestAVisitorCorrectsTheAddressToAnswerTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.available(inbox.Away)
	p := open(t, w.shop())
	p.openChat()
	p.write("Call me")
	p.delivered(1)
	conversation := w.conversation()
	addresses := func() []string {
		t.Helper()
		resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}))(t)
		identities := must(w.store.Contact(t.Context(), resolved.ContactID))(t).Identities
		var found []string
		for _, identity := range identities {
			if identity.Kind == inbox.IdentityEmail {
				found = append(found, identity.Value)
			}
		}
		return found
	}
	leaves := func(address string) {
		t.Helper()
		p.do(chromedp.KeyEvent(address))
		p.press("Enter", "\r", 13)
		p.until("find('.given')?.firstChild.textContent === 'We will answer to " + address + ".' && root().activeElement === find('textarea')")
		if got := addresses(); !slices.Equal(got, []string{address}) {
			t.Errorf("the agent sees %v", got)
		}
	}
	p.until("find('#email')")
	p.run("find('#email').focus()")
	leaves("ana@example.com")
	p.accessible()
	p.picture("address-given")
	// The next page knows it too, and it is changed without a mouse.
	p.reload()
	p.until("find('.given')")
	p.run("find('.change').focus()")
	p.press("Enter", "\r", 13)
	p.until("root().activeElement === find('#email') && find('#email').value === 'ana@example.com' && !find('.given')")
	p.accessible()
	p.picture("address-change")
	p.press("Escape", "", 27)
	p.until("find('.panel') && root().activeElement === find('.change')")
	p.press("Enter", "\r", 13)
	p.until("root().activeElement === find('#email')") // with all of it selected
	leaves("anna@example.com")

	// While somebody is there nobody needs it.
	w.available(inbox.Available)
	p.reload()
	p.until("root().querySelector('.presence[data-state=open]') && !find('.given') && !find('#email')")
}

// A token that the server does not know, such as after a restored database, is replaced
// at once: no timer has to end first.
func TestAVisitorWhoseTokenIsDeadBeginsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.available(inbox.Away)
	timeless := `<script>const wait = window.setTimeout; window.setTimeout = (run, ms) => (ms < 1000 ? wait(run, ms) : 0)</script>`
	kept := `<script>for (const [name, value] of Object.entries({ token: "` + chat.NextVisitorToken(w.channel.ID) + `", thread: true, identified: "anna@example.com" }))
		localStorage.setItem("switchboard:` + w.channel.ID + `:" + name, JSON.stringify(value))</script>`
	p := open(t, w.page(shopPage(timeless+kept+w.script(w.channel.ID))))
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	// Nor does the server know where to answer.
	p.until("find('#email') && !find('.given')")
}

// Where only the website says who visitors are, an address is said and makes nobody
// known.
func TestAVisitorWhomNobodyVouchesForIsAskedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	grace := inbox.EmailIdentity("grace@example.com")
	check(t, w.store.Identify(t.Context(), inbox.Sender{Name: "Grace", Identities: []inbox.Identity{grace}}))
	w.settings(`{"verify_identity":true}`)
	w.available(inbox.Away)
	p := open(t, w.shop())
	p.openChat()
	p.write("Call me")
	p.delivered(1)
	p.until("find('#email')")
	p.run("find('#email').focus()")
	p.do(chromedp.KeyEvent(grace.Value))
	p.click(".ask .primary")
	p.sees("Call me", grace.Value)
	p.delivered(2)
	p.until("!find('#email') && root().activeElement === find('textarea') && find('#answers-to').textContent === 'We will answer to grace@example.com.'")
	p.accessible()
	p.picture("unverified")
	resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: w.conversation(), Episode: 1}))(t)
	contact := must(w.store.Contact(t.Context(), resolved.ContactID))(t)
	if known := must(w.store.ContactByIdentity(t.Context(), grace))(t); contact.ID == known.ID || contact.Identity(inbox.IdentityEmail) != "" {
		t.Errorf("the visitor is %+v", contact)
	}
	p.reload()
	p.sees("Call me", grace.Value)
	p.until("!find('#email')")
	// A correction is one more.
	p.click(".change")
	p.until("root().activeElement === find('#email')")
	p.do(chromedp.KeyEvent("grace@home.example"))
	p.press("Enter", "\r", 13)
	p.sees("Call me", grace.Value, "grace@home.example")
	p.until("find('#answers-to').textContent === 'We will answer to grace@home.example.'")
}

func TestAHiddenChatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"availability":{"away":{"behaviour":"hide"}}}`)
	w.available(inbox.Away)
	p := open(t, w.shop())
	p.until("document.querySelector('switchboard-chat')")
	p.until("document.querySelector('switchboard-chat').hidden && !find('.launcher')")
	p.picture("hidden")
}

func TestAPromptPopsOpenOnceAVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"prompt":{"enabled":true,"text":"Questions? We are here."},"position":"left","accent_colour":"#ffd400"}`)
	p := open(t, w.shop())
	p.until("find('.prompt-text')?.textContent === 'Questions? We are here.'")
	p.accessible()
	p.picture("prompt")
	p.click(".prompt-close")
	p.until("!find('.prompt')")
	p.reload()
	p.until("find('.launcher') && document.readyState === 'complete'")
	// It would have come before what is to happen now.
	if again := eval[bool](p, "new Promise((done) => setTimeout(() => {"+inside+" done(!!root().querySelector('.prompt')) }))"); again {
		t.Error("the prompt pops open on every page")
	}
	p.openChat()
	p.accessible()
	p.picture("yellow-left")
}

func TestTheChatSpeaksArabicFromRightToLeftInTheDark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"language":"ar","welcome_message":"مرحبا! كيف نساعدك؟","availability":{"reply_time":"hours"}}`)
	p := open(t, w.shop(), dark())
	p.openChat()
	p.write("مرحبا")
	p.until("all('.mine .state')[0] === 'تم التسليم'")
	w.answer(w.conversation(), "أهلا وسهلا")
	p.until("getComputedStyle(find('.panel')).direction === 'rtl' && all('.theirs .text').length === 2")
	p.accessible()
	p.picture("dark-rtl")
}

func TestOnAPhoneTheChatFillsTheScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"welcome_message":"Hello!"}`)
	p := open(t, w.shop(), phone())
	p.openChat()
	p.until("find('.panel').getBoundingClientRect().width === innerWidth && find('.panel').getAttribute('aria-modal') === 'true'")
	p.accessible()
	p.picture("phone")
	// The box to write in has a bar when it is full, and not before.
	says := func(lines string) {
		p.run("const box = find('textarea'); box.value = 'line\\n'.repeat(" + lines + "); box.dispatchEvent(new Event('input'))")
	}
	bar := "getComputedStyle(find('textarea')).overflowY === 'auto'"
	p.until("!(" + bar + ")")
	says("2")
	p.until("!(" + bar + ")")
	says("20")
	p.until(bar)
	p.press("Escape", "", 27)
	p.until("!find('.panel') && root().activeElement === find('.launcher')")
}

func TestChatsLiveOnHostilePagesBesideEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.newChat(`{"accent_colour":"teal"}`)
	origin := "http://" + w.address
	page := w.page(strings.Replace(shopPage(w.script(w.channel.ID)+w.script(second.ID)), "</head>", `<link rel="stylesheet" href="data:text/css,`+
		`*%7Bdisplay:none!important;opacity:0!important;transform:scale(0)!important;position:static!important;font-size:60px!important;color:red!important%7D`+
		`html,body,head~body%7Bdisplay:block!important;opacity:1!important;transform:none!important%7D`+`"></head>`, 1),
		"Content-Security-Policy", "default-src 'none'; style-src data:; img-src blob:; script-src "+origin+"; connect-src "+origin+"; require-trusted-types-for 'script'")
	p := open(t, page)
	for _, channel := range []string{w.channel.ID, second.ID} {
		p.until("find('.launcher', '" + channel + "')?.getBoundingClientRect().width === 60")
	}
	p.click(".launcher", second.ID)
	p.until("find('.panel', '" + second.ID + "') && getComputedStyle(find('textarea', '" + second.ID + "')).fontSize === '15px'")
	p.picture("hostile")
	// A page that replaces its body keeps the chats.
	p.run("document.body.replaceWith(document.createElement('body'))")
	p.until("find('.panel', '" + second.ID + "') && find('.launcher', '" + w.channel.ID + "')")
}

func TestAVisitorSendsAPicture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(`{"welcome_message":"` + strings.Repeat("Hello!\\n", 12) + `"}`)
	p := open(t, w.shop())
	p.openChat()
	p.write("Look:")
	p.delivered(1)
	picture := must(filepath.Abs(filepath.Join(t.TempDir(), "lamp.png")))(t)
	p.picture("small")
	check(t, os.WriteFile(picture, must(os.ReadFile(filepath.Join(folder, "small.png")))(t), 0o600))
	input := p.object("find('.panel').querySelector('input[type=file]')")
	p.do(command(dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{picture}, ObjectID: input}))
	p.until("find('.chosen li')?.textContent === 'lamp.png'")
	p.click(".send")
	p.delivered(2)
	p.until("find('.file img')?.naturalWidth === 1000")
	p.until(atEnd)
	p.picture("attachment")
	var list struct {
		Items []struct {
			Attachments []json.RawMessage `json:"attachments"`
		} `json:"items"`
	}
	w.asAgent("GET", "/conversations/"+w.conversation()+"/messages", nil, &list)
	if len(list.Items) != 2 || len(list.Items[1].Attachments) != 1 {
		t.Errorf("the agent sees %v", list)
	}
}
