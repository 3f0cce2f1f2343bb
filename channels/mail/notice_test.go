package mail

import (
	"strings"
	"testing"

	"switchboard/inbox"
)

var offline = Notice{
	Kind: inbox.NoticeOffline, Company: "Company", Inbox: "Support", Contact: "Ada Lovelace",
	Subject: "My order", Text: "Hello,\nwhere is it?", Link: "https://desk.company.test/conversations/1",
}

func TestAnOfflineOwnerLearnsWhoWroteWhatAndWhereToAnswer(t *testing.T) {
	t.Parallel()
	got := render(t, offline)
	want := `Ada Lovelace wrote to Support while you were away.

Subject: My order

Hello,
where is it?

Open the conversation: https://desk.company.test/conversations/1

Company
`
	if got.Text != want {
		t.Errorf("text:\n%s", got.Text)
	}
	if got.Subject != "Ada Lovelace wrote while you were away: My order" {
		t.Errorf("subject %q", got.Subject)
	}
	for _, part := range []string{
		"<p>Ada Lovelace wrote to Support while you were away.</p>", "<b>My order</b>", "Hello,\nwhere is it?",
		`<a href="https://desk.company.test/conversations/1">`,
	} {
		if !strings.Contains(got.HTML, part) {
			t.Errorf("html lacks %q:\n%s", part, got.HTML)
		}
	}
}

func TestATeamLearnsThatNobodyIsAvailable(t *testing.T) {
	t.Parallel()
	notice := offline
	notice.Kind = inbox.NoticeNobody
	got := render(t, notice)
	if got.Subject != "Nobody is available for Ada Lovelace: My order" ||
		!strings.HasPrefix(got.Text, "Ada Lovelace wrote to Support, and nobody who could answer is available.") {
		t.Errorf("%+v", got)
	}
}

func TestANoticeLeavesOutWhatIsUnknown(t *testing.T) {
	t.Parallel()
	got := render(t, Notice{Kind: inbox.NoticeOffline, Company: "Company", Inbox: "Support"})
	if got.Text != "Somebody wrote to Support while you were away.\n\nCompany\n" {
		t.Errorf("text:\n%s", got.Text)
	}
	if strings.Contains(got.HTML, "<a") || strings.Contains(got.HTML, "<blockquote") || strings.Contains(got.HTML, "<b>") {
		t.Errorf("html:\n%s", got.HTML)
	}
}

func TestANoticeEscapesWhatStrangersWrote(t *testing.T) {
	t.Parallel()
	notice := offline
	attack := `"><script>x</script>`
	notice.Contact, notice.Subject, notice.Text = attack+"\r\nBcc: eve", attack+"\r\nBcc: eve", attack
	notice.Link = "javascript:x()"
	got := render(t, notice)
	if strings.Contains(got.HTML, "<script") || strings.Contains(got.HTML, "javascript:") {
		t.Errorf("html:\n%s", got.HTML)
	}
	if strings.ContainsAny(got.Subject, "\r\n") {
		t.Errorf("subject %q", got.Subject)
	}
}

func TestANoticeShowsTheFirstLinesOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1\n2\n3\n4\n5":           "1\n2\n3\n4\n5",
		"1\n2\n3\n4\n5\n6":        "1\n2\n3\n4\n5 …",
		strings.Repeat("ä", 400):  strings.Repeat("ä", 400),
		strings.Repeat("ä", 401):  strings.Repeat("ä", 400) + " …",
		"  \r\n one \r\n two\r\n": "one \n two",
	} {
		if got := excerpt(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func render(t *testing.T, notice Notice) Rendered {
	t.Helper()
	got, err := notice.Render()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhoMissedACallLearnsWhoCalled(t *testing.T) {
	t.Parallel()
	got := render(t, Notice{Kind: inbox.NoticeOffline, Inbox: "Support", Contact: "+4930901820", Called: true, Subject: "Phone call"})
	if got.Subject != "Missed call from +4930901820" || got.Text != "+4930901820 called Support and reached nobody.\n" {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.HTML, "<p style=\"color:#666\">") {
		t.Error("an empty line for a company without a name")
	}
}
