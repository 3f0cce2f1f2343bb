package imap

import (
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// Settings are a mailbox's, as somebody typed them in. They hold passwords: keep
// them encrypted.
type Settings struct {
	// Address is the mailbox's own mail address.
	Address string `json:"address"`
	// IMAP is where mail is read.
	IMAP Server `json:"imap"`
	// Folder is what is read; "" is INBOX.
	Folder string `json:"folder,omitempty"`
	// SMTP is where mail is sent.
	SMTP Server `json:"smtp"`

	// Roots are a test's certificate authorities; nil is the system's.
	Roots *x509.CertPool `json:"-"`
}

// Server says how to reach a server and get in.
type Server struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	// TLS "none" is for this machine only.
	TLS      mail.TLS `json:"tls"`
	Username string   `json:"username"`
	Password string   `json:"password"`
}

// Check validates the settings. Errors are *inbox.Error naming the field.
func (s Settings) Check() error {
	if !channels.ValidEmail(s.Address) {
		return inbox.Invalid("address", "The mailbox's address is not a mail address.")
	}
	if err := s.IMAP.check("imap"); err != nil {
		return err
	}
	if s.IMAP.Username == "" {
		return inbox.Invalid("imap.username", "The user name is missing.")
	}
	if !printable(s.Folder) {
		return inbox.Invalid("folder", "The folder's name has characters that cannot be shown.")
	}
	if err := s.SMTP.check("smtp"); err != nil {
		return err
	}
	if s.SMTP.Username != "" && s.SMTP.TLS == mail.TLSNone {
		return inbox.Invalid("smtp.tls", "A password is only sent over TLS.")
	}
	return nil
}

func (s Server) check(name string) error {
	namesPort := strings.Contains(s.Host, ":") && net.ParseIP(s.Host) == nil
	if s.Host == "" || namesPort || strings.ContainsAny(s.Host, " /@[]") || !printable(s.Host) {
		return inbox.Invalid(name+".host", "The host is not the name of a server.")
	}
	if s.Port < 1 || s.Port > 65535 {
		return inbox.Invalid(name+".port", "The port is not a number from 1 to 65535.")
	}
	switch s.TLS {
	case mail.TLSImplicit, mail.TLSStart:
	case mail.TLSNone:
		if !s.loopback() {
			return inbox.Invalid(name+".tls", "A server on another machine is only reached with TLS.")
		}
	default:
		return inbox.Invalid(name+".tls", "TLS is one of tls, starttls, none.")
	}
	if !printable(s.Username) {
		return inbox.Invalid(name+".username", "The user name has characters that cannot be shown.")
	}
	if !printable(s.Password) {
		return inbox.Invalid(name+".password", "The password has characters that cannot be shown.")
	}
	if (s.Username == "") != (s.Password == "") {
		return inbox.Invalid(name+".password", "User name and password go together.")
	}
	return nil
}

func (s Server) address() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

func (s Server) loopback() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// printable text cannot end a command or a SASL message (RFC 4616).
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
