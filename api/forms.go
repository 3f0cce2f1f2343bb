package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/chat"
	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/store"
)

// GetForm answers the form as a ready page (F1).
func (p *public) GetForm(c *gin.Context, _ string) {
	channel := asked(c)
	if err := channel.takesIn(); err != nil {
		p.refuse(c, err)
		return
	}
	p.formPage(c, http.StatusOK, channel, submission{ID: store.NewID()}, nil)
}

// ReturnToForm leads people who open the address of a submission, such as from the
// browser's history, to the form.
func (p *public) ReturnToForm(c *gin.Context, id string) {
	c.Redirect(http.StatusSeeOther, "/forms/"+id)
}

// SubmitForm takes a submission in: a conversation of its own (F2). Nothing is
// acknowledged before it is durable (B8).
func (p *public) SubmitForm(c *gin.Context, _ string) {
	channel := asked(c)
	if err := channel.takesIn(); err != nil {
		p.refuse(c, err)
		return
	}
	in, err := readSubmission(c)
	if err != nil {
		p.refuse(c, err)
		return
	}
	if channel.form.TakeHoneypot(in.Values) {
		p.log.InfoContext(c.Request.Context(), "robot's submission dropped", "channel_id", channel.ID)
		p.thank(c, channel, in.ID, store.NewID())
		return
	}
	parsed, err := form.Parse(channel.form, in.Answers)
	if problems, ok := errors.AsType[form.Problems](err); ok && wantsPage(c) {
		p.formPage(c, http.StatusUnprocessableEntity, channel, in, problems)
		return
	}
	if err != nil {
		p.refuse(c, err)
		return
	}
	if err := p.knowVisitor(c.Request.Context(), in.Answers.VisitorToken, &parsed.Sender); err != nil {
		p.refuse(c, err)
		return
	}
	receipt, err := p.intake.Receive(c.Request.Context(), store.Inbound{
		Channel: channel.Channel, ThreadKey: in.ID, ProviderMessageID: in.ID,
		Subject: cmp.Or(parsed.Subject, channel.Name), Sender: parsed.Sender, ReplyTo: parsed.ReplyTo,
		Text: parsed.Text, Fields: parsed.Fields, Files: storedFiles(parsed.Files), At: time.Now().UTC(),
	})
	if err != nil {
		p.refuse(c, err)
		return
	}
	p.thank(c, channel, in.ID, receipt.ConversationID)
}

// knowVisitor replaces the identity of a chat's token by the one that contacts know
// the visitor by. A token that works no more identifies nobody. Where only the website
// says who a chat's visitors are, an address that is typed into a form makes none of them
// known: who was not vouched for is not known by the token, and who was is not by the
// address.
func (p *public) knowVisitor(ctx context.Context, token string, sender *inbox.Sender) error {
	if token == "" {
		return nil
	}
	cookie := inbox.CookieIdentity(token)
	others := slices.DeleteFunc(slices.Clone(sender.Identities), func(identity inbox.Identity) bool { return identity == cookie })
	visitor, err := p.store.CookieNow(ctx, cookie, time.Now())
	if err != nil {
		return err
	}
	only, err := p.onlyVouched(ctx, token)
	if err != nil {
		return err
	}
	switch {
	case visitor.Replaced, only && !visitor.Vouched:
		sender.Identities = others
	case only:
		sender.Identities = []inbox.Identity{visitor.Identity}
	default:
		sender.Identities = append([]inbox.Identity{visitor.Identity}, others...)
	}
	return nil
}

// onlyVouched reports whether a token is of a chat where only the website says who its
// visitors are.
func (p *public) onlyVouched(ctx context.Context, token string) (bool, error) {
	for page := (store.Page{Limit: 200}); ; {
		list, next, err := p.store.Channels(ctx, "", page)
		if err != nil {
			return false, err
		}
		for _, channel := range list {
			if channel.Kind == inbox.KindChat && chat.IsVisitorToken(channel.ID, token) {
				settings, err := chat.ReadSettings(channel.Settings)
				return settings.VerifyIdentity, err
			}
		}
		if next == "" {
			return false, nil
		}
		page.Cursor = next
	}
}

func (p *public) formPage(c *gin.Context, status int, channel publicChannel, in submission, problems form.Problems) {
	p.page(c, status, channel.form, func(html *strings.Builder) error {
		return form.WritePage(html, form.Page{
			Settings: channel.form, Language: formLanguage(c, channel.form), Action: "/forms/" + channel.ID + "/submissions",
			SubmissionID: in.ID, Answers: in.Answers, Problems: problems,
		})
	})
}

// formLanguage is the language of a form's page for who asks.
func formLanguage(c *gin.Context, settings form.Settings) string {
	return settings.LanguageFor(c.GetHeader("Accept-Language"))
}

func (p *public) thank(c *gin.Context, channel publicChannel, submissionID, conversationID string) {
	if wantsPage(c) {
		p.page(c, http.StatusAccepted, channel.form, func(html *strings.Builder) error {
			return form.WriteThanks(html, channel.form, formLanguage(c, channel.form))
		})
		return
	}
	c.PureJSON(http.StatusAccepted, contract.SubmissionReceipt{SubmissionID: submissionID, ConversationID: conversationID})
}

func storedFiles(files []form.File) []store.File {
	stored := make([]store.File, len(files))
	for i, file := range files {
		stored[i] = store.File{Name: file.Name, ContentType: file.ContentType, Data: file.Data}
	}
	return stored
}

// submission is a request to submit a form, read but not judged.
type submission struct {
	form.Answers
	// ID makes the submission idempotent; one is made up when the client has none.
	ID string
}

func (s submission) check() error {
	if !clientID.MatchString(s.ID) {
		return inbox.Invalid(form.SubmissionIDName, "A submission id is 1 to 100 letters, digits, '.', '_', ':' or '-'.")
	}
	return nil
}
