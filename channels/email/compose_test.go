package email_test

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/inbox"
)

func TestAnAnswerKeepsTheThreadInTheContactsProgram(t *testing.T) {
	t.Parallel()
	got := leaves(t, answer(t, `{}`))
	for header, want := range map[string]string{
		"Subject":        "Re: The pump rattles",
		"Message-Id":     "<m3@" + domain + ">",
		"In-Reply-To":    "<m2@" + domain + ">",
		"References":     "<m1@mail.example.com> <m2@" + domain + ">",
		"Auto-Submitted": "",
	} {
		if value := got.GetHeader(header); value != want {
			t.Errorf("%s is %q, not %q", header, value, want)
		}
	}
	if got.to != "ada@example.com" || strings.TrimSpace(got.Text) != "Please send a picture." || got.HTML != "" {
		t.Errorf("to %s: %q, %q", got.to, got.Text, got.HTML)
	}
}

func TestTheFirstMailOfAConversationHasItsPlainSubject(t *testing.T) {
	t.Parallel()
	out := answer(t, `{}`)
	out.References = nil
	got := leaves(t, out)
	if got.GetHeader("Subject") != "The pump rattles" || got.GetHeader("In-Reply-To") != "" || got.GetHeader("References") != "" {
		t.Errorf("headers %v", got.Root.Header)
	}
}

func TestAnswersGoWhereTheContactWantsThem(t *testing.T) {
	t.Parallel()
	out := answer(t, `{}`)
	out.Conversation.ReplyTo = "ada@home.example.com"
	if got := leaves(t, out); got.to != "ada@home.example.com" || got.GetHeader("To") != "<ada@home.example.com>" {
		t.Errorf("to %s, %s", got.to, got.GetHeader("To"))
	}
	kind := &email.Channel{Domain: domain}
	if err := kind.CheckAddress(out); err != nil {
		t.Errorf("refused: %v", err)
	}
	out.Conversation.ReplyTo, out.Contact.Identities = "", []inbox.Identity{{Kind: inbox.IdentityPhone, Value: "+15550100"}}
	if err := kind.CheckAddress(out); inbox.CodeOf(err) != inbox.CodeNoReplyAddress {
		t.Errorf("without an address: %v", err)
	}
}

func TestAutomaticMailDoesNotGoToAddressesOfOurs(t *testing.T) {
	t.Parallel()
	kind := &email.Channel{Domain: domain}
	out := answer(t, `{}`)
	out.Channel.Account, out.Message.Author.Kind = "support@acme.test", inbox.AuthorAutomation
	if err := kind.CheckAddress(out); err != nil {
		t.Errorf("refused: %v", err)
	}
	for _, ours := range []string{"Support@acme.test", email.HostedAddress("other", domain), email.ReplyAddress(token, conversation, domain)} {
		out.Conversation.ReplyTo = ours
		if err := kind.CheckAddress(out); inbox.CodeOf(err) != inbox.CodeNoReplyAddress {
			t.Errorf("%s: %v", ours, err)
		}
	}
	out.Message.Author.Kind = inbox.AuthorAgent
	if err := kind.CheckAddress(out); err != nil {
		t.Errorf("an agent may: %v", err)
	}
}

func TestTheContactsAnswerComesBackToTheConversation(t *testing.T) {
	t.Parallel()
	hosted, reply := email.HostedAddress(token, domain), email.ReplyAddress(token, conversation, domain)
	for name, test := range map[string]struct {
		settings, account      string
		from, replyTo, bounces string
	}{
		"by the hosted address":               {`{}`, "", hosted, "<" + reply + ">", reply},
		"by the team's, which forwards it":    {`{"address":"Support@Acme.test"}`, "support@acme.test", "support@acme.test", "", reply},
		"not by one that was the team's once": {`{"address":"support@acme.test"}`, "", hosted, "<" + reply + ">", reply},
	} {
		out := answer(t, test.settings)
		out.Channel.Account = test.account
		got := leaves(t, out)
		from, err := mail.ParseAddress(got.GetHeader("From"))
		if err != nil || from.Address != test.from || got.GetHeader("Reply-To") != test.replyTo || got.from != test.bounces {
			t.Errorf("%s: from %v (%v), reply to %s, bounces to %s", name, from, err, got.GetHeader("Reply-To"), got.from)
		}
	}
}

func TestTheFromNameIsTheAgentsAndTheCompanysOrTheCompanys(t *testing.T) {
	t.Parallel()
	automation := func(out *channels.Outgoing) {
		out.Agent, out.Message.Author.Kind = inbox.Agent{}, inbox.AuthorAutomation
	}
	for name, test := range map[string]struct {
		settings string
		edit     func(*channels.Outgoing)
		want     string
	}{
		"default":           {`{}`, nil, "Ann Example at Acme"},
		"agent and company": {`{"from_name":"agent_and_company"}`, nil, "Ann Example at Acme"},
		"company":           {`{"from_name":"company"}`, nil, "Acme"},
		"automation":        {`{}`, automation, "Acme"},
		"quotes, unicode":   {`{}`, func(out *channels.Outgoing) { out.Agent.Name = `Zoë "Zed" Ünal, 陳` }, `Zoë "Zed" Ünal, 陳 at Acme`},
		"nameless company":  {`{}`, func(out *channels.Outgoing) { out.Account.Name, out.Channel.Name = "", "Support" }, "Ann Example at Support"},
	} {
		out := answer(t, test.settings)
		if test.edit != nil {
			test.edit(&out)
		}
		from, err := mail.ParseAddress(rawHeader(t, leaves(t, out).raw, "From"))
		if err != nil || from.Name != test.want {
			t.Errorf("%s: from %v, %v", name, from, err)
		}
	}
}

func TestTheSignatureStandsBelowWhatAnAgentWrote(t *testing.T) {
	t.Parallel()
	const signature = `{"signature":{"html":"<p><b>{{sender.full_name}}</b><br>{{ sender.first_name }} | {{sender.last_name}}<br><a href=\"https://acme.test/\">Acme</a></p>"}}`
	out := answer(t, signature)
	out.Agent.Name, out.Message.Text = "Ann  <Maria> Example", "1 < 2\nand on"
	got := leaves(t, out)
	text := strings.TrimSpace(strings.ReplaceAll(got.Text, "\r\n", "\n"))
	if want := "1 < 2\nand on\n\n-- \nAnn <Maria> Example\nAnn | <Maria> Example\nAcme ( https://acme.test/ )"; strings.ReplaceAll(text, "*", "") != want {
		t.Errorf("text %q", text)
	}
	for _, want := range []string{"1 &lt; 2<br>", "<b>Ann &lt;Maria&gt; Example</b>", `<a href="https://acme.test/"`} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("no %s in %s", want, got.HTML)
		}
	}
	out.Message.HTML = `<p>1 &lt; <i>2</i></p><script>x()</script>`
	if got := leaves(t, out).HTML; !strings.Contains(got, "<i>2</i>") || !strings.Contains(got, "<b>Ann") || strings.Contains(got, "script") {
		t.Errorf("HTML %s", got)
	}
	out.Message.Author.Kind, out.Message.HTML = inbox.AuthorAutomation, ""
	if got := leaves(t, out); strings.Contains(got.Text, "Acme") || got.HTML != "" {
		t.Errorf("automation signs: %q, %q", got.Text, got.HTML)
	}
}

func TestWhatIsWrittenInHTMLOnlyCanBeReadAsText(t *testing.T) {
	t.Parallel()
	out := answer(t, `{}`)
	out.Message.Text, out.Message.HTML = "", "<p>Please send</p><p>a picture.</p>"
	if got := leaves(t, out); strings.TrimSpace(strings.ReplaceAll(got.Text, "\r\n", "\n")) != "Please send\n\na picture." {
		t.Errorf("text %q", got.Text)
	}
}

func TestFilesGoWithTheAnswer(t *testing.T) {
	t.Parallel()
	out := answer(t, `{"signature":{"html":"<p>Acme</p>"}}`)
	out.Files = []channels.File{{Name: "größe.pdf", ContentType: "application/pdf", Data: []byte("%PDF")}}
	got := leaves(t, out)
	if len(got.Attachments) != 1 || got.Attachments[0].FileName != "größe.pdf" || string(got.Attachments[0].Content) != "%PDF" ||
		!strings.Contains(got.Text, "picture") || !strings.Contains(got.HTML, "Acme") {
		t.Errorf("attached %v to %q, %q", got.Attachments, got.Text, got.HTML)
	}
}

func TestAutomationIsMarkedAndDoesNotBounce(t *testing.T) {
	t.Parallel()
	out := answer(t, `{}`)
	out.Message.Author.Kind = inbox.AuthorAutomation
	got := leaves(t, out)
	if got.from != "" || got.GetHeader("Auto-Submitted") != "auto-replied" {
		t.Errorf("from %q, %v", got.from, got.Root.Header)
	}
}

func TestStrangersTextAddsNoHeader(t *testing.T) {
	t.Parallel()
	plain := answer(t, `{}`)
	want := headers(leaves(t, plain))
	for _, newline := range []string{"\r\n", "\n", "\r", "\u2028"} {
		injection := newline + "Bcc: eve@example.test" + newline + newline + "body"
		out := plain
		out.Conversation.Subject += injection
		out.Agent.Name += injection
		out.Account.Name += injection
		out.References = []string{"m1@mail.example.com" + injection, "m2"}
		got := leaves(t, out)
		if !slices.Equal(headers(got), want) || strings.TrimSpace(got.Text) != plain.Message.Text {
			t.Errorf("%q: %v, %q", newline, headers(got), got.Text)
		}
		out.Conversation.ReplyTo = "ada@example.com" + injection
		var server mailServer
		if _, err := (&email.Channel{Mail: &server, Domain: domain}).Send(t.Context(), out); err == nil || len(server.got) != 0 {
			t.Errorf("%q: sent to an injected address", newline)
		}
	}
}

func TestAMessageIsWholeLines(t *testing.T) {
	t.Parallel()
	out := answer(t, `{"signature":{"html":"<p>{{sender.full_name}}</p>\n<p>Acme</p>"}}`)
	out.Message.Text = "one\ntwo\r\nthree\n"
	for line := range strings.SplitAfterSeq(string(leaves(t, out).raw), "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") {
			t.Errorf("line %q", line)
		}
	}
}

func headers(m sent) []string {
	var names []string
	for name := range m.Root.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rawHeader is a header as it came, still encoded.
func rawHeader(t *testing.T, raw []byte, name string) string {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header.Get(name)
}
