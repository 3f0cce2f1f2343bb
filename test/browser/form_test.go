package browser_test

import (
	"strings"
	"testing"

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
