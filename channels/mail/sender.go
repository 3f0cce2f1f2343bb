package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
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
	// DKIM signs what leaves; nil does not.
	DKIM *DKIM

	// Roots are a test's certificate authorities; nil is the system's.
	Roots *x509.CertPool
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
	if settings.Roots != nil {
		options = append(options, gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: settings.Roots}))
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

// Send makes one try to send a mail; From "" is the settings'. It fails like
// SendRaw, and finally when the mail cannot be built.
func (s *Sender) Send(ctx context.Context, m Mail) error {
	m.From = cmp.Or(m.From, s.settings.From)
	raw, err := m.Raw()
	if err != nil {
		return final(fmt.Errorf("build mail: %w", err))
	}
	return s.SendRaw(ctx, m.EnvelopeFrom(), m.To, raw)
}

// SendRaw makes one try to send a message as Mail.Raw built it. from, where
// bounces go, and to are bare addresses; from "" is the null sender. nil means
// that the server took the message. Errors are *channels.SendError and name
// neither addresses nor what the server said, which often repeats them (B12):
//
//   - Final when the server refuses the recipient or the content with 5xx, and
//     when an address is none or the message cannot be signed;
//   - Unknown when the connection broke between the end of the message and the
//     server's answer;
//   - Retry otherwise, also for a server that refuses us altogether.
//
// Once the message is on its way, cancelling ctx does not interrupt it: its
// deadline does.
func (s *Sender) SendRaw(ctx context.Context, from, to string, raw []byte) error {
	if from != "" && !channels.ValidEmail(from) || !channels.ValidEmail(to) {
		return final(errors.New("the envelope names what is no mail address"))
	}
	if s.settings.DKIM != nil {
		var err error
		if raw, err = s.settings.DKIM.sign(raw); err != nil {
			return final(err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return retry("connect", err)
	}
	// After an answer there is nothing left that closing could tell.
	defer func() { _ = conn.Close() }()
	if err := transfer(conn, from, to, raw); err != nil {
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
func transfer(conn *smtp.Client, from, to string, raw []byte) error {
	if err := conn.Mail("<" + from + ">"); err != nil {
		return retry("sender", err)
	}
	if err := conn.Rcpt("<" + to + ">"); err != nil {
		return refused("recipient", err)
	}
	data, err := conn.Data()
	if err != nil {
		return refused("data", err)
	}
	if _, err := data.Write(raw); err != nil {
		return retry("content", err)
	}
	return ended(data.Close())
}

// loginCodes are the answers to a login that another password could change
// (RFC 4954, 4 and 6).
var loginCodes = []int{530, 534, 535}

// ErrLogin says that the server does not accept our user name and password.
var ErrLogin = errors.New("the mail server refuses the login")

// Try connects and logs in, and sends nothing. Errors are ErrLogin or about the
// connection.
func (s *Sender) Try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := s.connect(ctx)
	if answer, ok := errors.AsType[*textproto.Error](err); ok && slices.Contains(loginCodes, answer.Code) {
		return ErrLogin
	}
	if err != nil {
		return describe("connect", err)
	}
	_ = conn.Quit()
	return nil
}
