package serve

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"

	"switchboard/channels/mail"
	"switchboard/config"
	"switchboard/intake"
	"switchboard/smtpd"
)

// takeMail starts to listen for mail to hosted addresses.
func (s *Server) takeMail(ctx context.Context) error {
	settings := s.config.InboundSMTP
	options := smtpd.Options{
		Intake:         mailIntake{s.mail, s.postmaster},
		Domain:         s.config.MailDomain,
		MaxBytes:       settings.MaxBytes,
		MaxConnections: settings.MaxConnections,
		MaxPerAddress:  settings.MaxPerAddress,
		Log:            s.log,
		Count:          s.metrics.Mail,
	}
	if settings.TLSCert != "" {
		certificate, err := tls.LoadX509KeyPair(settings.TLSCert, settings.TLSKey)
		if err != nil {
			return fmt.Errorf("load the certificate for mail that comes in: %w", err)
		}
		options.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	var listening net.ListenConfig
	var err error
	if s.mailListener, err = listening.Listen(ctx, "tcp", settings.Address); err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	s.smtp = smtpd.New(options)
	s.background.Go(func() {
		if err := s.smtp.Serve(s.mailListener); err != nil {
			s.fail(err)
		}
	})
	return nil
}

func (s *Server) stopMail(ctx context.Context) error {
	if s.smtp == nil {
		return nil
	}
	return s.smtp.Shutdown(ctx)
}

// signerOf returns what signs mail that leaves; nil is nothing.
func signerOf(cfg config.DKIM) (*mail.DKIM, error) {
	if cfg.Domain == "" {
		return nil, nil
	}
	key, err := os.ReadFile(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("SWITCHBOARD_DKIM_KEY: %w", err)
	}
	signer, err := mail.NewDKIM(cfg.Domain, cfg.Selector, key)
	if err != nil {
		return nil, fmt.Errorf("prepare DKIM: %w", err)
	}
	return signer, nil
}

// mailIntake is the SMTP server's way into the intake.
type mailIntake struct {
	*intake.Mail
	*intake.Postmaster
}

func (m mailIntake) Receive(ctx context.Context, mail smtpd.Mail) error {
	return m.ReceiveMail(ctx, intake.Post{
		Channel: mail.Channel, Raw: mail.Raw, EnvelopeFrom: &mail.EnvelopeFrom, Recipient: mail.Recipient, ReceivedAt: mail.ReceivedAt,
	})
}
