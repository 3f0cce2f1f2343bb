package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	remote "switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/workflows"
	"switchboard/workflows/workflowtest"
)

// box is a mailbox at a provider: its messages in order, read two a page. A
// cursor is how many were read. It is its own client.
type box struct {
	messages []remote.Message
	opened   []store.Mailbox
	reads    int
	// fails answers the next reads.
	fails []error
	// beforeRead runs before each read.
	beforeRead func()
	resynced   bool
	// subscribed are the versions of the mailbox that asked to be told of new mail.
	subscribed    []int
	subscribeFail error
}

func (b *box) Open(_ context.Context, loaded store.Mailbox) (remote.Client, error) {
	b.opened = append(b.opened, loaded)
	return b, nil
}

func (b *box) Read(_ context.Context, cursor string) (remote.Batch, error) {
	b.reads++
	if b.beforeRead != nil {
		b.beforeRead()
	}
	if len(b.fails) > 0 {
		err := b.fails[0]
		b.fails = b.fails[1:]
		return remote.Batch{}, err
	}
	from, _ := strconv.Atoi(cursor)
	to := min(from+2, len(b.messages))
	return remote.Batch{
		Messages: b.messages[from:to], Cursor: strconv.Itoa(to), More: to < len(b.messages), Resynced: b.resynced,
	}, nil
}

func (*box) Close() error { return nil }

func (b *box) Subscribe(_ context.Context, loaded store.Mailbox, client remote.Client) error {
	if client != b {
		return errors.New("another client")
	}
	b.subscribed = append(b.subscribed, loaded.Version)
	return b.subscribeFail
}

// holds puts n whole messages into the mailbox.
func (b *box) holds(n int) {
	for i := range n {
		b.messages = append(b.messages, remote.Message{ID: fmt.Sprint(i), Raw: fmt.Appendf(nil, "message %d", i), ReceivedAt: noon})
	}
}

// polling is a world with an e-mail channel that is connected to a box.
type polling struct {
	*world
	box     *box
	channel inbox.Channel
	// taken are the messages that were taken in, each once, and times how often.
	taken []string
	times map[string]int
	// takes answers TakeMail.
	takes func(remote.Message) error
}

func forEachMailbox(t *testing.T, test func(*testing.T, *polling)) {
	t.Helper()
	forEachDatabase(t, func(t *testing.T, w *world) {
		p := &polling{world: w, box: &box{}, times: map[string]int{}}
		w.Mailboxes, w.PollEvery = p.box, 30*time.Second
		w.TakeMail = func(_ context.Context, _ inbox.Channel, message remote.Message) error {
			if p.takes != nil {
				if err := p.takes(message); err != nil {
					return err
				}
			}
			if p.times[message.ID]++; p.times[message.ID] == 1 {
				p.taken = append(p.taken, message.ID)
			}
			return nil
		}
		p.channel = w.channel(inbox.KindEmail)
		p.connects()
		test(t, p)
	})
}

func (p *polling) connects() {
	p.t.Helper()
	_, err := p.Store.ConnectMailbox(p.t.Context(), store.Mailbox{
		ChannelID: p.channel.ID, Provider: inbox.ProviderGmail, Address: "support@company.test", Credentials: []byte{1}, ConnectedAt: noon,
	})
	require.NoError(p.t, err)
}

func (p *polling) mailbox() store.Mailbox {
	p.t.Helper()
	return must(p.Store.Mailbox(p.t.Context(), p.channel.ID))(p.t)
}

// looks runs the activity once.
func (p *polling) looks(throttled int) (activities.Polled, error) {
	p.t.Helper()
	var polled activities.Polled
	value, err := p.worker().ExecuteActivity(p.PollMailbox, activities.PollInput{ChannelID: p.channel.ID, Throttled: throttled})
	if err == nil {
		require.NoError(p.t, value.Get(&polled))
	}
	return polled, err
}

func TestALookTakesEverythingInAndRemembersWhereItWas(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(5)
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.Polled{Outcome: activities.PollOK, Messages: 5, Wait: 30 * time.Second}, polled)
		require.Equal(t, []string{"0", "1", "2", "3", "4"}, p.taken)
		require.Equal(t, "5", p.mailbox().Cursor)
		require.Equal(t, noon, p.mailbox().CheckedAt)
		polled, err = p.looks(0)
		require.NoError(t, err)
		require.Zero(t, polled.Messages)
	})
}

func TestAMailboxWhoseProviderTellsNothingIsReadAllTheSame(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(3)
		p.box.subscribeFail = errors.New("our address did not answer")
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.Polled{Outcome: activities.PollOK, Messages: 3, Wait: 30 * time.Second}, polled)
		require.Len(t, p.box.subscribed, 1, "the provider was not asked")
		require.Empty(t, p.mailbox().Problem)
	})
}

func TestACrashBeforeTheCursorIsSavedReadsAgainAndDoublesNothing(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(4)
		p.takes = func(message remote.Message) error {
			if message.ID == "3" && p.times["2"] == 1 {
				return errors.New("the process dies")
			}
			return nil
		}
		_, err := p.looks(0)
		wantRetry(t, err)
		require.Equal(t, "2", p.mailbox().Cursor, "the cursor passed what was not durable")
		_, err = p.looks(0)
		require.NoError(t, err)
		require.Equal(t, []string{"0", "1", "2", "3"}, p.taken)
		require.Equal(t, map[string]int{"0": 1, "1": 1, "2": 2, "3": 1}, p.times)
	})
}

func TestTheSlowerOfTwoLooksDoesNotSetTheCursorBack(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(2)
		p.box.beforeRead = func() {
			require.NoError(t, p.Store.SaveCursor(t.Context(), p.mailbox(), "4"))
			p.box.beforeRead = nil
		}
		_, err := p.looks(0)
		wantRetry(t, err)
		require.Equal(t, "4", p.mailbox().Cursor)
	})
}

func TestAProviderThatAsksToWaitIsLeftAlone(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		for _, c := range []struct {
			after   time.Duration
			before  int
			waiting time.Duration
		}{
			{7 * time.Minute, 0, 7 * time.Minute},
			{24 * time.Hour, 0, time.Hour},
			{0, 0, time.Minute},
			{0, 2, 4 * time.Minute},
			{0, 100, 15 * time.Minute},
		} {
			p.box.fails = []error{&remote.Throttled{After: c.after}}
			polled, err := p.looks(c.before)
			require.NoError(t, err)
			require.Equal(t, activities.Polled{Outcome: activities.PollThrottled, Wait: c.waiting, Throttled: c.before + 1}, polled)
		}
		require.Equal(t, inbox.MailboxThrottled, p.mailbox().Problem)
		_, err := p.looks(1)
		require.NoError(t, err)
		require.Empty(t, p.mailbox().Problem)
	})
}

func TestWhatMayPassIsTriedAgainAndShown(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.fails = []error{errors.New("connection refused")}
		_, err := p.looks(0)
		wantRetry(t, err)
		require.Equal(t, inbox.MailboxUnreadable, p.mailbox().Problem)
		require.Equal(t, noon, p.mailbox().FailingSince)
	})
}

func TestARejectedMailboxIsNotReadUntilItIsConnectedAgain(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.fails = []error{fmt.Errorf("read: %w", remote.ErrRejected)}
		for range 2 {
			polled, err := p.looks(0)
			require.NoError(t, err)
			require.Equal(t, activities.PollRejected, polled.Outcome)
			require.Positive(t, polled.Wait)
		}
		require.Equal(t, 1, p.box.reads, "the provider was asked again")
		p.connects()
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.PollOK, polled.Outcome)
	})
}

func TestCredentialsThatWereReplacedMeanwhileAreNotRejected(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.fails = []error{remote.ErrRejected}
		p.box.beforeRead = func() {
			p.box.beforeRead = nil
			p.connects()
		}
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.Polled{Outcome: activities.PollOK}, polled, "look again at once")
		require.Empty(t, p.mailbox().Problem)
	})
}

func TestADisconnectedMailboxIsGone(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		require.NoError(t, p.Store.DisconnectMailbox(t.Context(), p.channel.ID))
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.Polled{Outcome: activities.PollGone}, polled)
		require.Empty(t, p.box.opened)
	})
}

func TestTheMailOfAChannelThatIsOffStaysWhereItIs(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(1)
		channel := must(p.Store.Channel(t.Context(), p.channel.ID))(t)
		channel.Enabled = false
		channel = must(p.Store.UpdateChannel(t.Context(), channel))(t)
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, activities.Polled{Outcome: activities.PollOff, Wait: 30 * time.Second}, polled)
		channel.Enabled = true
		must(p.Store.UpdateChannel(t.Context(), channel))(t)
		_, err = p.looks(0)
		require.NoError(t, err)
		require.Equal(t, []string{"0"}, p.taken)
	})
}

func TestWhatIsNotHandedOutGoesToQuarantineAndHoldsUpNobody(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.messages = []remote.Message{
			{ID: "large", Raw: []byte("Subject: the header"), Problem: remote.ProblemTooLarge},
			{ID: "lost"},
			{ID: "whole", Raw: []byte("x")},
		}
		polled, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, 2, polled.Quarantined)
		require.Equal(t, []string{"whole"}, p.taken)
		items, _, err := p.Store.Quarantined(t.Context(), store.Page{})
		require.NoError(t, err)
		require.Len(t, items, 2)
		first := must(p.Store.QuarantineItem(t.Context(), items[0].ID))(t)
		require.Equal(t, "lost", string(first.Raw), "nobody can find it")
		require.Equal(t, p.channel.ID, first.ChannelID)
	})
}

func TestAMessageThatPanicsIsAnErrorOfItsOwn(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(1)
		p.takes = func(remote.Message) error { panic("ada@example.com") }
		_, err := p.looks(0)
		wantRetry(t, err)
		require.NotContains(t, err.Error(), "ada@")
	})
}

func TestAResyncLeavesOutWhatWasThereBefore(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(3)
		p.box.messages[1].ReceivedAt = noon.Add(-time.Second)
		p.box.resynced = true
		_, err := p.looks(0)
		require.NoError(t, err)
		require.Equal(t, []string{"0", "2"}, p.taken)
	})
}

// waiting is a box that tells of new mail.
type waiting struct {
	*box
	wait func() error
}

func (w waiting) Open(context.Context, store.Mailbox) (remote.Client, error) { return w, nil }

func (w waiting) Wait(context.Context, time.Duration) error { return w.wait() }

func TestAServerThatTellsIsReadAgainWhenItDoes(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		waits := 0
		p.Mailboxes = waiting{p.box, func() error {
			if waits++; waits > 2 {
				return errors.New("the connection broke")
			}
			p.box.holds(1)
			return nil
		}}
		_, err := p.looks(0)
		wantRetry(t, err)
		require.Len(t, p.box.messages, 2)
		require.Equal(t, "2", p.mailbox().Cursor)
	})
}

func TestAdminsAreToldOnceThatAMailboxWasRejected(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		admin := func(a *inbox.Agent) { a.Admin = true }
		first, second := p.hire(admin), p.hire(admin)
		require.NoError(t, p.TellRejected(t.Context(), p.channel.ID))
		require.Empty(t, p.world.mailbox.mails, "there is nothing to tell")

		require.NoError(t, p.Store.RejectMailbox(t.Context(), p.mailbox(), noon))
		p.world.mailbox.answer = func(mail.Mail) error {
			return &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Retry, Err: errors.New("away")}
		}
		wantRetry(t, p.TellRejected(t.Context(), p.channel.ID))
		p.world.mailbox.answer, p.world.mailbox.mails = nil, nil
		for range 2 {
			require.NoError(t, p.TellRejected(t.Context(), p.channel.ID))
		}
		require.Equal(t, []string{first.Email, second.Email}, p.world.mailbox.recipients())
		require.Contains(t, p.world.mailbox.mails[0].Text, "support@company.test")
		require.True(t, p.world.mailbox.mails[0].Automatic)
	})
}

func TestAnAdminWhoCannotBeToldIsNotNamedInTheLog(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		admin := p.hire(func(a *inbox.Agent) { a.Admin = true })
		require.NoError(t, p.Store.RejectMailbox(t.Context(), p.mailbox(), noon))
		var log strings.Builder
		p.Log = slog.New(slog.NewTextHandler(&log, nil))
		p.world.mailbox.answer = func(m mail.Mail) error {
			return &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: errors.New("no such address: " + m.To)}
		}
		require.NoError(t, p.TellRejected(t.Context(), p.channel.ID))
		require.Contains(t, log.String(), "code=delivery_failed")
		require.NotContains(t, log.String(), admin.Email)
	})
}

// readers remembers whose workflow was started.
type readers []string

func (r *readers) StartMailbox(_ context.Context, channelID string, _ inbox.Provider) (bool, error) {
	*r = append(*r, channelID)
	return len(*r) == 1, nil
}

func (r *readers) StartPage(_ context.Context, channelID string) (bool, error) {
	*r = append(*r, "page "+channelID)
	return len(*r) == 1, nil
}

func (r *readers) StartTemplates(_ context.Context, kind inbox.ChannelKind, queue string) (bool, error) {
	*r = append(*r, "templates of "+string(kind)+" on "+queue)
	return true, nil
}

// nothing is a sweeper with nothing to dispatch.
type nothing struct{}

func (nothing) Sweep(context.Context) (activities.Swept, error) { return activities.Swept{}, nil }

func TestTheSweepStartsWhatReadsAMailbox(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		started := &readers{}
		p.Readers, p.Sweeper = started, nothing{}
		for _, want := range []int{1, 0} {
			value, err := p.worker().ExecuteActivity(p.Sweep)
			require.NoError(t, err)
			var swept activities.Swept
			require.NoError(t, value.Get(&swept))
			require.Equal(t, want, swept.Mailboxes)
		}
		require.Equal(t, readers{p.channel.ID, p.channel.ID}, *started)
		require.NoError(t, p.Store.MailboxChecked(t.Context(), p.mailbox(), noon))
		_, err := p.worker().ExecuteActivity(p.Sweep)
		require.NoError(t, err)
		require.Len(t, *started, 2)
	})
}

func TestAMessageThatAlwaysFailsIsPutAsideForTheOthers(t *testing.T) {
	forEachMailbox(t, func(t *testing.T, p *polling) {
		p.box.holds(3)
		p.takes = func(message remote.Message) error {
			if message.ID == "1" {
				return errors.New("a bug")
			}
			if message.ID == "2" { // all is read: end the workflow
				require.NoError(t, p.Store.DisconnectMailbox(t.Context(), p.channel.ID))
			}
			return nil
		}
		env := workflowtest.New()
		env.RegisterActivity(p.Activities)
		env.RegisterWorkflow(workflows.Mailbox)
		env.ExecuteWorkflow(workflows.Mailbox, workflows.MailboxInput{ChannelID: p.channel.ID, Provider: inbox.ProviderGmail})
		require.Equal(t, []string{"0", "2"}, p.taken)
		items, _, err := p.Store.Quarantined(t.Context(), store.Page{})
		require.NoError(t, err)
		require.Len(t, items, 1)
		require.Equal(t, "email", items[0].Source, "it is not read again like any mail")
	})
}
