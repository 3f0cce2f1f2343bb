package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"switchboard/channels/form"
)

// lampForm has an answer that is required, and one that nobody sees.
const lampForm = `{"title":"Write to us","intro":"We answer by mail.","fields":[
	{"name":"email","label":"Your e-mail","type":"email","required":true,"maps_to":"email"},
	{"name":"lamp","label":"Lamp","type":"select","options":[{"value":"desk","label":"Desk lamp"},{"value":"floor","label":"Floor lamp"}]},
	{"name":"message","label":"Message","type":"textarea","required":true},
	{"name":"campaign","type":"hidden","default":"autumn"}]}`

func TestAFormsPageTakesASubmissionAndSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.newChannel(new(form.Channel), lampForm)
	p := open(t, "http://"+w.address+"/forms/"+channel.ID)
	p.until("document.querySelector('h1').textContent === 'Write to us'")
	p.accessible()
	p.picture("form")

	// Browsers hold what is required by themselves; the page says it too.
	p.run(`const form = document.querySelector('form');
		form.elements.message.value = '<b>It flickers</b>';
		form.noValidate = true;
		form.requestSubmit()`)
	p.until("document.title.startsWith('Error') && document.querySelector('[role=alert] a').textContent === 'Your e-mail'")
	p.until("document.querySelector('textarea').value === '<b>It flickers</b>' && !document.querySelector('main b')")
	p.accessible()
	p.picture("form-wrong")

	p.run(`const form = document.querySelector('form');
		form.elements.email.value = 'grace@contact.test';
		form.elements.lamp.value = 'floor';
		form.requestSubmit()`)
	p.until("!document.querySelector('form')")
	p.accessible()
	p.picture("form-sent")
	said := w.said(w.conversation())
	if len(said) != 1 || !strings.Contains(said[0], "<b>It flickers</b>") || !strings.Contains(said[0], "Floor lamp") {
		t.Errorf("the agent sees %q", said)
	}
	if strings.Contains(said[0], "autumn") {
		t.Error("the agent sees a hidden field (F5)")
	}
}

// arabicForm is one whose team wrote its own words in German.
const arabicForm = `{"title":"Schreiben Sie uns","intro":"Wir antworten per E-Mail.","language":"de","browser_language":true,"fields":[
	{"name":"email","type":"email","required":true},{"name":"phone","type":"phone","maps_to":"phone"},{"name":"message","type":"textarea","required":true,"maps_to":"message"},
	{"name":"urgency","label":"Wie eilig?","type":"radio","required":true,"options":[{"value":"low","label":"Es hat Zeit."},{"value":"high","label":"Sehr!"}]},
	{"name":"lamp","label":"Lampe","type":"select","options":[{"value":"desk","label":"Tischlampe"}]},{"name":"photo","label":"Foto","type":"file"},
	{"name":"terms","label":"Ich bin einverstanden.","type":"checkbox","required":true}]}`

func TestAFormsPageIsInTheVisitorsLanguageAndDirection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.newChannel(new(form.Channel), arabicForm)
	for name, looks := range map[string][]step{"": nil, "-dark-narrow": {dark(), chromedp.EmulateViewport(320, 900, chromedp.EmulateMobile)}} {
		p := open(t, "http://"+w.address+"/forms/"+channel.ID, append(looks, speaks("ar-EG,de"))...)
		p.until("document.dir === 'rtl' && document.documentElement.lang === 'ar' && document.querySelector('h1 bdi').lang === 'de'")
		p.accessible()
		p.picture("form-arabic" + name)
		const narrow = "document.documentElement.scrollWidth === document.documentElement.clientWidth"
		p.until(narrow)

		p.run(`const form = document.querySelector('form');
			form.elements.phone.value = 'call me';
			form.elements.message.value = 'Die Lampe flackert!';
			form.noValidate = true;
			form.requestSubmit()`)
		p.until("document.querySelector('[role=alert] h2')?.textContent.startsWith('لم يُرسل النموذج بعد')")
		p.until("document.title === 'خطأ: Schreiben Sie uns' && document.querySelector('.required').textContent.trim() === '(مطلوب)'")
		// The mark of what is wrong is where a line begins.
		p.until("getComputedStyle(document.querySelector('.wrong')).borderRightWidth === '4px'")
		p.until(narrow)
		p.accessible()
		p.picture("form-arabic-wrong" + name)

		p.run(`const form = document.querySelector('form');
			form.elements.email.value = 'grace@contact.test';
			form.elements.phone.value = '';
			form.elements.urgency[1].checked = form.elements.terms.checked = true;
			form.requestSubmit()`)
		p.until("document.querySelector('[role=status]')?.textContent.startsWith('شكرًا لك.')")
		p.accessible()
		p.picture("form-arabic-sent" + name)
	}
}
