package imap

import (
	"context"
	"errors"

	"switchboard/channels/mail"
	"switchboard/inbox"
)

// Try logs in at both servers and opens the folder. Errors are Dial's, and for
// the SMTP server *inbox.Error naming the field.
func Try(ctx context.Context, settings Settings) error {
	client, err := Dial(ctx, settings)
	if err != nil {
		return err
	}
	if err := client.Close(); err != nil {
		return err
	}
	sender, err := NewSender(settings)
	if err != nil {
		return err
	}
	err = sender.smtp.Try(ctx)
	switch {
	case errors.Is(err, mail.ErrLogin):
		return inbox.Invalid("smtp.password", "The SMTP server does not accept this user name and password.").Because(err)
	case err != nil:
		return inbox.Invalid("smtp.host", "The SMTP server cannot be reached.").Because(err)
	}
	return nil
}
