package form_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"switchboard/channels/form"
)

func TestThePageAsksEveryFieldWithALabel(t *testing.T) {
	t.Parallel()
	html := page(t, form.Page{Settings: checked(t, supportForm), Action: "/forms/1/submissions", SubmissionID: "s1"})
	for _, want := range []string{
		`<html lang="en" dir="ltr">`, `action="/forms/1/submissions"`, `enctype="multipart/form-data"`,
		`name="submission_id" value="s1"`, `<label for="field-email"><bdi>E-mail</bdi><span class="required"> (required)</span></label>`,
		`type="email" id="field-email"`, `autocomplete="email"`, `type="tel"`, `type="number"`, `type="date"`,
		`<textarea id="field-details"`, `<option value="api">The API</option>`, `<legend><bdi>Urgency</bdi>`,
		`type="hidden" name="campaign" value="none"`, `type="file" id="field-log"`,
		`<div class="extra" aria-hidden="true">`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(html, "<script") {
		t.Error("the page has a script")
	}
}

func TestARefusedPostIsShownAgainWithItsAnswersAndProblems(t *testing.T) {
	t.Parallel()
	settings := checked(t, supportForm)
	values := answers(map[string][]string{
		"name": {`"><script>alert(1)</script>`}, "email": {"ada"}, "details": {"I wrote a lot"}, "areas": {"login"},
		"urgency": nil,
	})
	_, err := form.Parse(settings, form.Answers{Values: values})
	html := page(t, form.Page{
		Settings: settings, Problems: err.(form.Problems),
		Answers: form.Answers{Values: values, VisitorToken: "visitor", PageURL: "https://www.example.com/a"},
	})
	for _, want := range []string{
		"<title>Error: ", `<a href="#field-email"><bdi>E-mail</bdi></a>`, `aria-describedby="field-email-problem"`,
		`<a href="#field-urgency-0"><bdi>Urgency</bdi></a>`, `id="field-urgency-0"`,
		`name="visitor_token" value="visitor"`, `name="page_url" value="https://www.example.com/a"`,
		"I wrote a lot</textarea>", `value="login" checked`, `name="terms" value="yes" checked`, "&lt;script&gt;",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(html, "<script") {
		t.Error("an answer became markup")
	}
}

func TestThePolicyAllowsTheStyleAndTheAllowedWebsitesOnly(t *testing.T) {
	t.Parallel()
	settings := checked(t, supportForm)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page(t, form.Page{Settings: settings}))[1]
	digest := sha256.Sum256([]byte(style))
	policy := form.ContentSecurityPolicy(settings)
	for _, want := range []string{
		"default-src 'none'", base64.StdEncoding.EncodeToString(digest[:]), "frame-ancestors 'self' https://www.example.com",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %s lacks %s", policy, want)
		}
	}
}

func TestThanksSayWhatTheSettingsSay(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		`{"thank_you":"Bye <now>"}`: "Bye &lt;now&gt;",
		`{"language":"fr"}`:         "Merci.",
	} {
		var html strings.Builder
		check(t, form.WriteThanks(&html, checked(t, settings), ""))
		if !strings.Contains(html.String(), want) {
			t.Errorf("got %s", html.String())
		}
	}
}

func page(t *testing.T, p form.Page) string {
	t.Helper()
	var html strings.Builder
	check(t, form.WritePage(&html, p))
	return html.String()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
