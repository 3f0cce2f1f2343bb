package imap_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/imap"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

func valid() imap.Settings {
	return imap.Settings{
		Address: "team@example.com",
		IMAP:    imap.Server{Host: "imap.example.com", Port: 993, TLS: mail.TLSImplicit, Username: "team", Password: password},
		SMTP:    imap.Server{Host: "smtp.example.com", Port: 587, TLS: mail.TLSStart, Username: "team", Password: password},
	}
}

func TestSettingsAreCheckedFieldByField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*imap.Settings)
		field  string
	}{
		"as they should be":           {func(*imap.Settings) {}, ""},
		"another folder":              {func(s *imap.Settings) { s.Folder = "Anfragen/Grüße" }, ""},
		"plain on this machine":       {func(s *imap.Settings) { s.IMAP.TLS, s.IMAP.Host = mail.TLSNone, "::1" }, ""},
		"a relay on this machine":     {func(s *imap.Settings) { s.SMTP = imap.Server{Host: "localhost", Port: 25, TLS: mail.TLSNone} }, ""},
		"no address":                  {func(s *imap.Settings) { s.Address = "" }, "address"},
		"no IMAP host":                {func(s *imap.Settings) { s.IMAP.Host = "" }, "imap.host"},
		"an address as a host":        {func(s *imap.Settings) { s.IMAP.Host = "https://imap.example.com" }, "imap.host"},
		"a host with its port":        {func(s *imap.Settings) { s.IMAP.Host = "imap.example.com:993" }, "imap.host"},
		"no IMAP port":                {func(s *imap.Settings) { s.IMAP.Port = 0 }, "imap.port"},
		"a port too high":             {func(s *imap.Settings) { s.SMTP.Port = 65536 }, "smtp.port"},
		"no TLS mode":                 {func(s *imap.Settings) { s.IMAP.TLS = "" }, "imap.tls"},
		"plain to another machine":    {func(s *imap.Settings) { s.IMAP.TLS = mail.TLSNone }, "imap.tls"},
		"plain to a lookalike":        {func(s *imap.Settings) { s.IMAP.TLS, s.IMAP.Host = mail.TLSNone, "localhost.example.com" }, "imap.tls"},
		"no user":                     {func(s *imap.Settings) { s.IMAP.Username, s.IMAP.Password = "", "" }, "imap.username"},
		"a user who ends the line":    {func(s *imap.Settings) { s.IMAP.Username = "team\r\nA1 DELETE INBOX" }, "imap.username"},
		"no password":                 {func(s *imap.Settings) { s.IMAP.Password = "" }, "imap.password"},
		"a password with a NUL":       {func(s *imap.Settings) { s.IMAP.Password = "a\x00b" }, "imap.password"},
		"a folder that ends the line": {func(s *imap.Settings) { s.Folder = "INBOX\r\n" }, "folder"},
		"no SMTP host":                {func(s *imap.Settings) { s.SMTP.Host = " " }, "smtp.host"},
		"a password in the clear":     {func(s *imap.Settings) { s.SMTP.Host, s.SMTP.TLS = "127.0.0.1", mail.TLSNone }, "smtp.tls"},
		"a password without a user":   {func(s *imap.Settings) { s.SMTP.Username = "" }, "smtp.password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := valid()
			c.change(&settings)
			err := settings.Check()
			if c.field == "" {
				require.NoError(t, err)
				return
			}
			refusal, ok := errors.AsType[*inbox.Error](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.field, refusal.Field)
			require.NotContains(t, err.Error(), password)
		})
	}
}
