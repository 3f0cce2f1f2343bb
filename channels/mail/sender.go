package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"switchboard/channels"
)

// timeout bounds one try, from connecting to the server's last answer.
const timeout = time.Minute

// TLS says how a connection is protected.
type TLS string

const (
	// TLSNone is for a relay on the same machine or network.
	TLSNone TLS = "none"
	// TLSStart insists on STARTTLS, usually on port 587.
	TLSStart TLS = "starttls"
	// TLSImplicit starts with TLS, usually on port 465.
	TLSImplicit TLS = "tls"
)

// Settings say how to reach the mail server.
type Settings struct {
	// Address is host:port.
	Address string
	// Username "" sends without authentication. A password never travels
	// without TLS.
	Username string
	Password string
	TLS      TLS
	// Hello is the name given to the server; "" is this machine's.
	Hello string
	// From is the default author's address.
	From string

	// roots is a test's certificate authority; nil is the system's.
	roots *x509.CertPool
}

// Sender sends mail through one server, one connection a message. It is safe
// for concurrent use.
type Sender struct {
	settings Settings
	host     string
	options  []gomail.Option
}

// NewSender checks the settings; it does not connect.
func NewSender(settings Settings) (*Sender, error) {
	host, port, err := net.SplitHostPort(settings.Address)
	if err != nil {
		return nil, fmt.Errorf("mail server address: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("mail server port: %w", err)
	}
	if !channels.ValidEmail(settings.From) {
		return nil, errors.New("the default from is not a mail address")
	}
	options := []gomail.Option{gomail.WithPort(int(number))}
	switch settings.TLS {
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case TLSStart:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSImplicit:
		options = append(options, gomail.WithSSL())
	default:
		return nil, fmt.Errorf("unknown TLS mode %q", settings.TLS)
	}
	if settings.roots != nil {
		options = append(options, gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: settings.roots}))
	}
	if settings.Hello != "" {
		options = append(options, gomail.WithHELO(settings.Hello))
	}
	if settings.Username != "" {
		if settings.TLS == TLSNone {
			return nil, errors.New("a mail password needs TLS")
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(settings.Username), gomail.WithPassword(settings.Password))
	}
	return &Sender{settings: settings, host: host, options: options}, nil
}

// Send makes one try. nil means that the server took the message. Errors are
// *channels.SendError and name neither addresses nor what the server said, which
// often repeats them (B12):
//
//   - Final when the server refuses the recipient or the content with 5xx, and
//     when the message cannot be built;
//   - Unknown when the connection broke between the end of the message and the
//     server's answer;
//   - Retry otherwise, also for a server that refuses us altogether.
//
// Once the message is on its way, cancelling ctx does not interrupt it: its
// deadline does.
func (s *Sender) Send(ctx context.Context, m Mail) error {
	if m.From == "" {
		m.From = s.settings.From
	}
	msg, err := m.message()
	if err != nil {
		return final(fmt.Errorf("build mail: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return retry("connect", err)
	}
	// After an answer there is nothing left that closing could tell.
	defer func() { _ = conn.Close() }()
	if err := transfer(conn, m, msg); err != nil {
		return err
	}
	_ = conn.Quit()
	return nil
}

// connect returns a connection that is encrypted and authenticated as the
// settings say and ends at ctx's deadline.
func (s *Sender) connect(ctx context.Context) (*smtp.Client, error) {
	deadline, _ := ctx.Deadline()
	if time.Until(deadline) <= 0 {
		return nil, context.DeadlineExceeded
	}
	// A client of its own: it keeps what it finds out when it authenticates.
	client, err := gomail.NewClient(s.host, append(slices.Clip(s.options), gomail.WithTimeout(time.Until(deadline)))...)
	if err != nil {
		return nil, err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, err
	}
	return conn, conn.UpdateDeadline(time.Until(deadline))
}

// transfer is the SMTP transaction (RFC 5321, 3.3).
func transfer(conn *smtp.Client, m Mail, msg *gomail.Msg) error {
	sender := "<" + m.From + ">"
	if m.Automatic {
		sender = "<>"
	}
	if err := conn.Mail(sender); err != nil {
		return retry("sender", err)
	}
	if err := conn.Rcpt("<" + m.To + ">"); err != nil {
		return refused("recipient", err)
	}
	data, err := conn.Data()
	if err != nil {
		return refused("data", err)
	}
	if _, err := msg.WriteTo(data); err != nil {
		return retry("content", err)
	}
	return ended(data.Close())
}
