package form_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"switchboard/channels/form"
	"switchboard/inbox"
)

func TestThePagesOwnWordsAreInItsLanguage(t *testing.T) {
	t.Parallel()
	for language, want := range map[string][]string{
		"de": {`<html lang="de" dir="ltr">`, "<title>Fehler: Kontakt</title>", "Noch nicht gesendet", "(Pflichtfeld)", "Bitte füllen Sie dieses Feld aus.", "<bdi>Senden</bdi>", "Ihr Name"},
		"ar": {`<html lang="ar" dir="rtl">`, "<title>خطأ: تواصل معنا</title>", "لم يُرسل النموذج بعد", "(مطلوب)", "هذا الحقل مطلوب.", "<bdi>إرسال</bdi>", "اسمك"},
	} {
		settings := checked(t, `{"language":"`+language+`"}`)
		_, err := form.Parse(settings, form.Answers{})
		html := page(t, form.Page{Settings: settings, Problems: err.(form.Problems)})
		for _, part := range want {
			if !strings.Contains(html, part) {
				t.Errorf("in %s the page lacks %s", language, part)
			}
		}
		for _, english := range []string{"Your name", "Subject", "required)", "Send<", "Not sent", "Error", "Leave this"} {
			if strings.Contains(html, english) {
				t.Errorf("in %s the page says %s", language, english)
			}
		}
	}
}

func TestWhatTheTeamWroteStaysAndSaysItsLanguage(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"language":"pt-BR","title":"Fale com a gente","intro":"Olá","submit_label":"Enviar já","fields":[
		{"name":"city","label":"Cidade","type":"radio","options":[{"value":"rio","label":"Rio"}]},
		{"name":"lamp","label":"Lâmpada","type":"select","options":[{"value":"desk","label":"De mesa"}]},{"name":"message","type":"textarea","maps_to":"message"}]}`)
	html := page(t, form.Page{Settings: settings, Language: "ar"})
	for _, want := range []string{
		`<html lang="ar" dir="rtl">`, `<h1><bdi lang="pt-BR">Fale com a gente</bdi></h1>`, `<bdi lang="pt-BR">Olá</bdi>`, `<bdi lang="pt-BR">Enviar já</bdi>`,
		`<legend><bdi lang="pt-BR">Cidade</bdi>`, `<bdi lang="pt-BR">Rio</bdi>`, `lang="pt-BR">De mesa</option>`, `<bdi>الرسالة</bdi>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if own := page(t, form.Page{Settings: settings}); !strings.Contains(own, `<html lang="pt-BR"`) || strings.Contains(own, "bdi lang") {
		t.Error("on the page in the form's own language something says another")
	}
}

func TestAFormInALanguageWithoutWordsSaysThemInEnglish(t *testing.T) {
	t.Parallel()
	html := page(t, form.Page{Settings: checked(t, `{"language":"nl"}`)})
	if !strings.Contains(html, `<html lang="nl" dir="ltr">`) || !strings.Contains(html, "(required)") {
		t.Errorf("got %s", html)
	}
}

func TestThePageIsInTheBrowsersLanguageWhereItMayBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		follows      bool
		accept, want string
	}{
		"the browser's":                {true, "nl, ar-EG;q=0.8", "ar"},
		"none there are words in":      {true, "nl", "es"},
		"nothing":                      {true, "", "es"},
		"nonsense":                     {true, "de;q=x;;<script>", "es"},
		"the form's, if it may not be": {false, "de", "es"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := form.Settings{Language: "es", BrowserLanguage: c.follows}
			if got := settings.LanguageFor(c.accept); got != c.want {
				t.Errorf("the page is in %s, want %s", got, c.want)
			}
		})
	}
}

func TestEveryProblemIsSaidInThePagesLanguageAndInEnglishToPrograms(t *testing.T) {
	t.Parallel()
	settings := checked(t, supportForm)
	wrong := []form.Answers{
		{},
		{Values: answers(map[string][]string{"name": {strings.Repeat("x", 1001)}, "email": {"ada"}, "phone": {"call me"}, "seats": {"twelve"}})},
		{Values: answers(map[string][]string{"since": {"today"}, "terms": {"perhaps"}, "product": {"desk"}, "name": {"Ada", "Eve"}})},
		{Values: answers(map[string][]string{"log": {"a.txt"}, "colour": {"red"}}), Files: []form.File{{Field: "name", Name: "a.txt"}}},
		{Values: answers(nil), PageURL: "javascript:x", VisitorToken: strings.Repeat("x", 201)},
	}
	said := map[string]string{}
	problems := form.Problems{form.TooManyFiles("log", 10)}
	for _, in := range wrong {
		_, err := form.Parse(settings, in)
		problems = append(problems, err.(form.Problems)...)
	}
	for _, problem := range problems {
		refusal, ok := errors.AsType[*inbox.Error](error(problem))
		if !ok || refusal.Detail != problem.In("en") {
			t.Fatalf("programs are told %v, people %s", refusal, problem.In("en"))
		}
		for _, language := range form.Languages() {
			text := problem.In(language)
			if text == "" || strings.Contains(text, "{") || language != "en" && text == refusal.Detail {
				t.Errorf("in %s %q is %q", language, refusal.Detail, text)
			}
			if other := said[text]; other != "" && other != refusal.Detail {
				t.Errorf("%q says both %q and %q", text, other, refusal.Detail)
			}
			said[text] = refusal.Detail
		}
	}
	if len(said) != 15*len(form.Languages()) {
		t.Errorf("%d texts were said", len(said))
	}
}

func TestARefusalIsAPageInTheLanguage(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"title":"Kontakt","language":"de"}`)
	for want, refused := range map[string]error{
		"nicht verfügbar":   inbox.Errorf(inbox.CodeChannelDisabled, "This form is switched off."),
		"gibt es nicht":     inbox.NotFound("form"),
		"zu viele Anfragen": inbox.Errorf(inbox.CodeRateLimited, "Too many requests; try again in 5 seconds."),
		"Diese Website":     inbox.Errorf(inbox.CodeOriginNotAllowed, "This website may not use this channel."),
		"zu groß":           inbox.Errorf(inbox.CodeTooLarge, "The submission is larger than 5 bytes."),
		"nicht vollständig": inbox.Invalid("body", "The body is not urlencoded."),
		"sehr viel":         inbox.Errorf(inbox.CodeUnavailable, "Too many files are on their way at the moment."),
		"zu langsam":        inbox.Errorf(inbox.CodeTooSlow, "The request's body came too slowly."),
		"höchstens 10":      form.TooManyFiles("log", 10),
		"schiefgegangen":    errors.New(http.StatusText(http.StatusInternalServerError)),
	} {
		var html strings.Builder
		check(t, form.WriteRefusal(&html, settings, "", refused))
		if !strings.Contains(html.String(), want) || !strings.Contains(html.String(), `<html lang="de"`) {
			t.Errorf("%v is told as %s", refused, html.String())
		}
	}
}

func TestWhatASubmissionSaysIsInTheFormsLanguage(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"language":"de","browser_language":true,"fields":[
		{"name":"email","type":"email"},{"name":"ok","label":"Einverstanden","type":"checkbox"}]}`)
	got, err := form.Parse(settings, form.Answers{Values: map[string][]string{"email": {"ada@example.com"}, "ok": {"yes"}}})
	if err != nil || got.Text != "E-Mail: ada@example.com\nEinverstanden: Ja" || got.Fields[0].Label != "E-Mail" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAFormSavedWithTheEnglishWordsSpeaksItsLanguage(t *testing.T) {
	t.Parallel()
	settings, err := form.ReadSettings(json.RawMessage(`{"language":"es","submit_label":"Send",
		"thank_you":"Thank you. We have received your message and will answer by e-mail."}`))
	if err != nil || settings.SubmitLabel != "" || settings.ThankYou != "" {
		t.Errorf("got %+v, %v", settings, err)
	}
}
