package intake_test

import (
	"context"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/store"
	"switchboard/store/storetest"
)

// company is a Switchboard where nobody is there, and whose mail goes to another
// one.
type company struct {
	t       *testing.T
	steps   *activities.Activities
	mail    *intake.Mail
	channel inbox.Channel
	// told are what the workflows were told of and have not done yet.
	told *conversations
	// other takes what this one sends, after the network has changed it.
	other   *company
	network func(*intake.Post)
	sent    int
}

func newCompany(t *testing.T, address string, network func(*intake.Post)) *company {
	t.Helper()
	s, log := storetest.SQLite(t), slog.New(slog.DiscardHandler)
	c := &company{t: t, told: &conversations{}, network: network}
	c.mail = intake.New(s, c.told, log).Mail(domain)
	c.steps = &activities.Activities{
		Store: s, Log: log, Now: time.Now, Kinds: map[inbox.ChannelKind]channels.Kind{
			inbox.KindEmail: &email.Channel{Mail: c, Domain: domain},
		},
	}
	agent := must(s.CreateAgent(t.Context(), inbox.Agent{Name: "Ann", Email: "ann@" + address, Seat: true, Availability: inbox.Away}))(t)
	support := must(s.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"}))(t)
	rule := inbox.DefaultAssignment()
	rule.Mode, rule.AgentIDs = inbox.AssignSpecific, []string{agent.ID}
	c.channel = must(s.CreateChannel(t.Context(), inbox.Channel{
		InboxID: support.ID, Kind: inbox.KindEmail, Name: "Mail", Enabled: true, State: inbox.ChannelConnected, Account: address,
		Assignment: rule, Tickets: inbox.DefaultTickets(),
		Settings: []byte(`{"address": "` + address + `", "away_message": {"text": "Nobody is here."}}`),
	}))(t)
	return c
}

// SendRaw implements email.Mailer: the mail lands at the other company.
func (c *company) SendRaw(ctx context.Context, from, _ string, raw []byte) error {
	c.sent++
	post := intake.Post{Channel: c.other.channel, Raw: raw, EnvelopeFrom: &from, ReceivedAt: time.Now()}
	c.network(&post)
	return c.other.mail.ReceiveMail(ctx, post)
}

// work does what the workflows do with what they were told of, and reports
// whether there was anything.
func (c *company) work() bool {
	c.t.Helper()
	told := c.told.told
	c.told.told = nil
	for _, telling := range told {
		ctx := c.t.Context()
		must(c.steps.ResolveContact(ctx, telling.ref))(c.t)
		if telling.how != "open" {
			continue
		}
		must(c.steps.Assign(ctx, activities.AssignInput{Ref: telling.ref, Key: "1", Cause: telling.cause}))(c.t)
		if answered := must(c.steps.AnswerAway(ctx, telling.ref))(c.t); answered.MessageID != "" {
			must(c.steps.SendMessage(ctx, answered.MessageID))(c.t)
		}
	}
	return len(told) > 0
}

var (
	// marks are what says that a program wrote a mail, ties what names the thread.
	marks = regexp.MustCompile(`(?mi)^(Auto-Submitted|X-Auto-Response-Suppress|Precedence):.*\r?\n`)
	ties  = regexp.MustCompile(`(?mi)^(In-Reply-To|References):.*\r?\n`)
)

func TestTwoCompaniesWhereNobodyIsThereStopAnsweringEachOther(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		network func(*intake.Post)
		answers int
	}{
		"everything arrives": {func(*intake.Post) {}, 1},
		"what marks automatic mail and what names the thread is lost": {func(post *intake.Post) {
			post.Raw = ties.ReplaceAll(marks.ReplaceAll(post.Raw, nil), nil)
			post.EnvelopeFrom = nil
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := newCompany(t, "support@here.example", tc.network), newCompany(t, "support@there.example", tc.network)
			here.other, there.other = there, here
			from := "ann@there.example"
			require.NoError(t, here.mail.ReceiveMail(t.Context(), intake.Post{
				Channel: here.channel, EnvelopeFrom: &from, ReceivedAt: time.Now(),
				Raw: []byte(mail("support@there.example", "first@there.example", "Subject: Hello", "", "Is anybody there?")),
			}))
			rounds := 0
			for here.work() || there.work() {
				rounds++
				require.Less(t, rounds, 20, "they go on and on")
			}
			require.Equal(t, tc.answers, here.sent+there.sent)
		})
	}
}

// TestAnAutomaticMailThatSomebodyWantsIsAnsweredByPeopleOnly: what was in quarantine
// for want of a person becomes a conversation, and a program is not told that nobody
// is there, however the mail said that it is one.
func TestAnAutomaticMailThatSomebodyWantsIsAnsweredByPeopleOnly(t *testing.T) {
	t.Parallel()
	null, known := "", "grace@example.com"
	for name, tc := range map[string]struct {
		headers []string
		from    *string
		answers int
	}{
		"by Auto-Submitted":  {[]string{"Auto-Submitted: auto-replied"}, &known, 0},
		"by the null sender": {nil, &null, 0},
		"as a list":          {[]string{"List-Id: <news.example.com>"}, &known, 0},
		"not at all":         {nil, &known, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t, "support@here.example", func(*intake.Post) {})
			c.other = newCompany(t, "support@there.example", nil)
			post := intake.Post{Channel: c.channel, EnvelopeFrom: tc.from, ReceivedAt: time.Now(),
				Raw: []byte(mail("grace@example.com", "one@example.com", append(tc.headers, "Subject: Away", "", "I am away.")...))}
			require.NoError(t, c.mail.ReceiveMail(t.Context(), post))
			items, _, err := c.steps.Store.Quarantined(t.Context(), store.Page{})
			require.NoError(t, err)
			require.Len(t, items, 1-tc.answers)
			for _, item := range items {
				require.NoError(t, c.mail.Reprocess(t.Context(), must(c.steps.Store.QuarantineItem(t.Context(), item.ID))(t)))
			}
			c.work()
			list, _, err := c.steps.Store.Conversations(t.Context(), store.ConversationFilter{}, store.Page{})
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Equal(t, inbox.StatusWaiting, list[0].Status)
			require.Equal(t, tc.answers, c.sent)
		})
	}
}
