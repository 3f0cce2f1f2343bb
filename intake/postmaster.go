package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"switchboard/channels/email"
	"switchboard/channels/mail"
	"switchboard/store"
)

const (
	// letThrough is how many mails to the postmaster go on in an hour, and how many at
	// once: everybody knows the address, and most of what comes is spam.
	letThrough = 20
	// shownRaw is how much of a mail the postmaster gets, in bytes.
	shownRaw = 1 << 20
)

// Postmaster passes on what comes to postmaster@ and abuse@ of the hosted addresses'
// domain, which every mail server has to take (RFC 5321, 4.5.1; RFC 2142, 4 and 5).
// It never becomes a conversation, and what is passed on is a new mail that nothing
// answers: no circle can come of it (B10).
type Postmaster struct {
	// Store has the admins, who get it where Address is "".
	Store *store.Store
	// Mail makes one try to send; *mail.Sender does.
	Mail interface {
		Send(ctx context.Context, m mail.Mail) error
	}
	Address, Domain string
	// Limit is how much may go on.
	Limit *rate.Limiter
}

// NewPostmaster returns one with the usual limit.
func NewPostmaster(s *store.Store, sender *mail.Sender, address, domain string) *Postmaster {
	return &Postmaster{
		Store: s, Mail: sender, Address: address, Domain: domain,
		Limit: rate.NewLimiter(rate.Every(time.Hour/letThrough), letThrough),
	}
}

// PassOn returns nil once the mail server has taken the mail for one person at
// least. Any other error may pass.
func (p *Postmaster) PassOn(ctx context.Context, recipient string, raw []byte) error {
	people, err := p.people(ctx)
	if err != nil {
		return err
	}
	if !p.Limit.Allow() {
		return errors.New("too much mail for the postmaster")
	}
	text := fmt.Sprintf("Somebody wrote to %s. The message is attached as it came; answer it from there.\n", recipient)
	if len(raw) > shownRaw {
		raw, text = raw[:shownRaw], text+"It is long: only its beginning is there.\n"
	}
	id, took := store.NewID(), false
	for i, to := range people {
		failed := p.Mail.Send(ctx, mail.Mail{
			To: to, MessageID: fmt.Sprintf("postmaster.%s.%d@%s", id, i, p.Domain), Automatic: true,
			Subject: "Mail to " + recipient, Text: text,
			// Not message/rfc822, whose bytes would have to be text (RFC 2046, 5.2.1).
			Attachments: []mail.Attachment{{Name: "message.eml", ContentType: "application/octet-stream", Data: raw}},
		})
		took, err = took || failed == nil, errors.Join(err, failed)
	}
	if took {
		return nil
	}
	return fmt.Errorf("pass on mail for the postmaster: %w", err)
}

// people are who gets it, never at an address of our own.
func (p *Postmaster) people(ctx context.Context) ([]string, error) {
	people := []string{p.Address}
	if p.Address == "" {
		var err error
		if people, err = p.Store.AdminAddresses(ctx); err != nil {
			return nil, err
		}
	}
	var elsewhere []string
	for _, to := range people {
		if !email.OnDomain(to, p.Domain) {
			elsewhere = append(elsewhere, to)
		}
	}
	if len(elsewhere) == 0 {
		return nil, errors.New("nobody is there to be the postmaster")
	}
	return elsewhere, nil
}
