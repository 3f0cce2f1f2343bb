package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	letters "switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/store/storetest"
)

// posted is what was sent; those in away are not reached.
type posted struct {
	mails []letters.Mail
	away  map[string]bool
}

func (p *posted) Send(_ context.Context, m letters.Mail) error {
	if p.away[m.To] {
		return errors.New("the mail server is away")
	}
	p.mails = append(p.mails, m)
	return nil
}

func (p *posted) to() []string {
	var to []string
	for _, m := range p.mails {
		to = append(to, m.To)
	}
	return to
}

func newPostmaster(t *testing.T, admins ...string) (*intake.Postmaster, *posted) {
	t.Helper()
	s, sent := storetest.SQLite(t), &posted{away: map[string]bool{}}
	for _, address := range append(admins, "") {
		agent := inbox.Agent{Name: "Ada", Email: address, Admin: true}
		if address == "" {
			agent.Email, agent.Admin = "agent@company.test", false
		}
		_, err := s.CreateAgent(t.Context(), agent)
		require.NoError(t, err)
	}
	return &intake.Postmaster{Store: s, Mail: sent, Domain: domain, Limit: rate.NewLimiter(0, 2)}, sent
}

const complaint = "From: <mailer-daemon@example.com>\r\nSubject: Spam\r\n\r\nYour server \xff sends spam.\r\n"

func TestThePostmasterIsTheAdmins(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@company.test", "bob@company.test", "loop@"+domain)
	require.NoError(t, p.PassOn(t.Context(), "Postmaster@"+domain, []byte(complaint)))
	require.Equal(t, []string{"ada@company.test", "bob@company.test"}, sent.to())
	for _, m := range sent.mails {
		require.True(t, m.Automatic, "an absence note would answer it")
		require.Empty(t, m.EnvelopeFrom())
		require.Contains(t, m.Subject, "Postmaster@"+domain)
		require.Equal(t, complaint, string(m.Attachments[0].Data))
		m.From = "switchboard@company.test"
		_, err := m.Raw()
		require.NoError(t, err)
	}
	require.NotEqual(t, sent.mails[0].MessageID, sent.mails[1].MessageID)
}

func TestThePostmasterIsWhoTheSettingsName(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@company.test")
	p.Address = "postmaster@company.test"
	require.NoError(t, p.PassOn(t.Context(), "abuse@"+domain, []byte(complaint)))
	require.Equal(t, []string{"postmaster@company.test"}, sent.to())
}

func TestOnePersonWhoGetsThePostmastersMailIsEnough(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@company.test", "bob@company.test")
	sent.away["ada@company.test"] = true
	require.NoError(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(complaint)))
	require.Equal(t, []string{"bob@company.test"}, sent.to())
	sent.away["bob@company.test"] = true
	require.Error(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(complaint)))
}

func TestThePostmasterIsNotFlooded(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@company.test")
	for range 2 {
		require.NoError(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(complaint)))
	}
	require.Error(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(complaint)))
	require.Len(t, sent.mails, 2)
}

func TestThePostmasterGetsTheBeginningOfALongMail(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@company.test")
	require.NoError(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(strings.Repeat("x", 2<<20))))
	require.Len(t, sent.mails[0].Attachments[0].Data, 1<<20)
	require.Contains(t, sent.mails[0].Text, "only its beginning")
}

func TestWithoutAnybodyThePostmastersMailStaysTheSenders(t *testing.T) {
	t.Parallel()
	p, sent := newPostmaster(t, "ada@"+domain)
	require.Error(t, p.PassOn(t.Context(), "postmaster@"+domain, []byte(complaint)))
	require.Empty(t, sent.mails)
}
