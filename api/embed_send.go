package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
)

// embedsAnHour is how often an admin mails what to paste: whom to is anybody.
const embedsAnHour = 10

// Mailer makes one try to mail; *mail.Sender is one. Errors are
// *channels.SendError.
type Mailer interface {
	Send(ctx context.Context, m mail.Mail) error
}

// SendEmbed mails a developer what to paste into a website (C1). The answer waits
// for the mail server's, so that a mail that did not leave is not taken for one.
func (s *server) SendEmbed(c *gin.Context, id string) {
	in, err := decode[contract.EmbedSend](c)
	if err != nil {
		refuse(c, err)
		return
	}
	if !channels.ValidEmail(in.Email) {
		refuse(c, inbox.Invalid("email", "This is no mail address."))
		return
	}
	channel, embed, err := s.embed(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	if wait, ok := s.embeds.take(caller(c).ID, s.clock()); !ok {
		c.Header("Retry-After", strconv.Itoa(wait))
		refuse(c, inbox.Errorf(inbox.CodeRateLimited, "You sent this often; try again in %d seconds.", wait))
		return
	}
	account, err := s.store.Account(c.Request.Context())
	if err != nil {
		refuse(c, err)
		return
	}
	err = s.mailer.Send(c.Request.Context(), mail.Mail{
		MessageID: mail.MessageID(store.NewID(), mail.DomainOf(s.publicURL)),
		FromName:  account.Name, To: in.Email, ReplyTo: caller(c).Email,
		Subject: fmt.Sprintf("Please add %q to our website", channel.Name),
		Text:    fmt.Sprintf("%s\n\n%s\n\n%s\n", embed.Instructions, embed.HTML, caller(c).Name),
	})
	if err != nil {
		refuse(c, notMailed(err))
		return
	}
	c.Status(http.StatusNoContent)
}

// notMailed says what is known of a mail.
func notMailed(err error) error {
	failure, ok := errors.AsType[*channels.SendError](err)
	if !ok {
		failure = &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown}
	}
	words := map[channels.Outcome]string{
		channels.Retry:   "The mail server cannot be reached, or does not take mail now; nothing was sent.",
		channels.Final:   "The mail server does not accept a mail to this address; nothing was sent.",
		channels.Unknown: "The mail server did not answer in the end: the mail may have left.",
	}
	return inbox.Errorf(failure.Code, "%s", words[failure.Outcome]).Because(err)
}
