package form_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/form"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

var (
	_ channels.Sender    = (*form.Channel)(nil)
	_ channels.Addresser = (*form.Channel)(nil)
)

// outbox keeps what was sent, or fails.
type outbox struct {
	sent []mail.Mail
	err  error
}

func (o *outbox) Send(_ context.Context, m mail.Mail) error {
	o.sent = append(o.sent, m)
	return o.err
}

func answerTo(settings string) channels.Outgoing {
	return channels.Outgoing{
		Account:      inbox.Account{Name: "Acme"},
		Channel:      inbox.Channel{Settings: json.RawMessage(settings)},
		Conversation: inbox.Conversation{Subject: "The pump rattles", ReplyTo: "ada@example.com"},
		Message: inbox.Message{
			Text: "Please send a picture.", HTML: `<p>Please send <b>a picture</b>.<script>x()</script></p>`,
			ProviderMessageID: "m3", Author: inbox.Author{Kind: inbox.AuthorAgent},
		},
		References: []string{"submission", "m2"},
	}
}

func TestAnAnswerGoesByMailToTheSubmitterInTheThread(t *testing.T) {
	t.Parallel()
	var box outbox
	_, err := form.New(&box, "support@acme.test").Send(t.Context(), answerTo(`{"from":{"name":"Acme Help","address":"help@acme.test"}}`))
	if err != nil || len(box.sent) != 1 {
		t.Fatalf("sent %v, %v", box.sent, err)
	}
	got := box.sent[0]
	if got.To != "ada@example.com" || got.From != "help@acme.test" || got.FromName != "Acme Help" || got.Automatic {
		t.Errorf("addressed %+v", got)
	}
	if got.Subject != "Re: The pump rattles" || got.Text != "Please send a picture." {
		t.Errorf("says %q, %q", got.Subject, got.Text)
	}
	if !strings.Contains(got.HTML, "<b>a picture</b>") || strings.Contains(got.HTML, "script") {
		t.Errorf("HTML %s", got.HTML)
	}
	if got.MessageID != "m3@acme.test" || got.InReplyTo != "m2@acme.test" ||
		!slices.Equal(got.References, []string{"submission@acme.test", "m2@acme.test"}) {
		t.Errorf("thread %q, %q, %v", got.MessageID, got.InReplyTo, got.References)
	}
}

func TestAnAnswerToAMailInTheThreadNamesThatMail(t *testing.T) {
	t.Parallel()
	var box outbox
	answer := answerTo(`{}`)
	answer.References = append(answer.References, "CAF123@mail.home.test")
	answer.Files = []channels.File{{Name: "plan.pdf", ContentType: "application/pdf", Data: []byte("%PDF")}}
	if _, err := form.New(&box, "support@acme.test").Send(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
	got := box.sent[0]
	if got.InReplyTo != "CAF123@mail.home.test" || got.References[0] != "submission@acme.test" {
		t.Errorf("thread %q, %v", got.InReplyTo, got.References)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].Name != "plan.pdf" || string(got.Attachments[0].Data) != "%PDF" {
		t.Errorf("attachments %+v", got.Attachments)
	}
}

func TestAFormWithoutASenderUsesTheInstallations(t *testing.T) {
	t.Parallel()
	var box outbox
	out := answerTo(`{}`)
	out.Conversation.Subject = "RE: again"
	out.Message.Author.Kind = inbox.AuthorAutomation
	if _, err := form.New(&box, "support@acme.test").Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	got := box.sent[0]
	if got.From != "support@acme.test" || got.FromName != "Acme" || got.Subject != "RE: again" || !got.Automatic {
		t.Errorf("got %+v", got)
	}
}

func TestAFailedTryIsReportedAsItIs(t *testing.T) {
	t.Parallel()
	failure := &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: errors.New("550")}
	_, err := form.New(&outbox{err: failure}, "support@acme.test").Send(t.Context(), answerTo(`{}`))
	if err != failure {
		t.Errorf("got %v", err)
	}
}

func TestASubmissionWithoutAnAddressCannotBeAnswered(t *testing.T) {
	t.Parallel()
	out := answerTo(`{}`)
	if err := new(form.Channel).CheckAddress(out); err != nil {
		t.Errorf("refused: %v", err)
	}
	out.Conversation.ReplyTo = ""
	err := new(form.Channel).CheckAddress(out)
	if inbox.CodeOf(err) != inbox.CodeNoReplyAddress {
		t.Errorf("got %v", err)
	}
}
