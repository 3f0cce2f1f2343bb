package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
)

func (w *world) plans(ref inbox.EpisodeRef, decision inbox.AssignmentDecision) []string {
	w.t.Helper()
	return must(w.PlanNotices(w.t.Context(), activities.PlanNoticesInput{Ref: ref, Decision: decision}))(w.t)
}

func (w *world) tells(noticeID string) inbox.NoticeState {
	w.t.Helper()
	return must(w.SendNotice(w.t.Context(), noticeID))(w.t)
}

// offline is a notice to the world's agent.
func (w *world) offline() (ref inbox.EpisodeRef, noticeID string) {
	w.t.Helper()
	ref = w.arrives(w.channel(inbox.KindChat))
	ids := w.plans(ref, inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, OwnerOffline: w.agent.ID})
	require.Len(w.t, ids, 1)
	return ref, ids[0]
}

// nobody is a notice to the admins.
func (w *world) nobody() (ref inbox.EpisodeRef, noticeID string) {
	w.t.Helper()
	ref = w.arrives(w.channel(inbox.KindChat))
	ids := w.plans(ref, inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting})
	require.Len(w.t, ids, 1)
	return ref, ids[0]
}

func (w *world) admins(n int) []string {
	w.t.Helper()
	var addresses []string
	for range n {
		addresses = append(addresses, w.hire(func(agent *inbox.Agent) { agent.Admin = true }).Email)
	}
	return addresses
}

func TestWhoIsToldOfAnAssignment(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		other := w.hire()
		team := must(w.Store.CreateTeam(t.Context(), inbox.Team{Name: "Lamps", AlertEmail: "lamps@company.test"}))(t)
		admins := w.admins(1)
		cases := map[string]struct {
			decision inbox.AssignmentDecision
			told     []string
		}{
			"nobody of an assignee at his desk": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, AssigneeID: w.agent.ID}, nil,
			},
			"nobody of a conversation left to triage": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage}, nil,
			},
			"the owner who is offline": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, AssigneeID: other.ID, OwnerOffline: w.agent.ID},
				[]string{w.agent.Email},
			},
			"the assignee who is offline": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, AssigneeID: other.ID, AssigneeOffline: true},
				[]string{other.Email},
			},
			"once who is both": {
				inbox.AssignmentDecision{
					Outcome: inbox.OutcomeAgent, AssigneeID: other.ID, AssigneeOffline: true, OwnerOffline: other.ID,
				},
				[]string{other.Email},
			},
			"both when they are two": {
				inbox.AssignmentDecision{
					Outcome: inbox.OutcomeAgent, AssigneeID: other.ID, AssigneeOffline: true, OwnerOffline: w.agent.ID,
				},
				[]string{w.agent.Email, other.Email},
			},
			"the team when nobody is eligible": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting, TeamID: team.ID}, []string{"lamps@company.test"},
			},
			"the owner and the admins when nobody is eligible": {
				inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting, OwnerOffline: w.agent.ID},
				[]string{w.agent.Email, admins[0]},
			},
		}
		for name, tc := range cases {
			w.mailbox.mails = nil
			ids := w.plans(w.arrives(w.channel(inbox.KindChat)), tc.decision)
			require.Len(t, ids, len(tc.told), name)
			for _, id := range ids {
				require.Equal(t, inbox.NoticeSent, w.tells(id), name)
			}
			require.Equal(t, tc.told, w.mailbox.recipients(), name)
		}
	})
}

func TestSomebodyOfflineIsToldOncePerEpisodeHoweverOftenItIsAsked(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.offline()
		decision := inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, OwnerOffline: w.agent.ID}
		require.Equal(t, []string{id}, w.plans(ref, decision), "a repeated step finds what it planned")
		for range 3 {
			require.Equal(t, inbox.NoticeSent, w.tells(id))
		}
		require.Empty(t, w.plans(ref, decision), "told is told")
		require.Len(t, w.mailbox.mails, 1)
		require.Equal(t, 1, w.count(ref, inbox.EventNoticeSent))

		ref.Episode++
		next := w.plans(ref, decision)
		require.Len(t, next, 1)
		require.Equal(t, inbox.NoticeSent, w.tells(next[0]))
		require.Len(t, w.mailbox.mails, 2)
	})
}

func TestATeamIsToldOfNobodyOnceInAWhile(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		waiting := inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting}
		w.nobody()
		second := w.arrives(w.channel(inbox.KindChat))
		require.Empty(t, w.plans(second, waiting))
		w.now = noon.Add(time.Hour)
		require.Len(t, w.plans(second, waiting), 1)
	})
}

func TestANoticeSaysWhoWroteAndWhereToAnswer(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{Name: "Lamps Ltd"}))
		ref := w.arrives(w.channel(inbox.KindChat))
		_, err := w.ResolveContact(t.Context(), ref)
		require.NoError(t, err)
		ids := w.plans(ref, inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, OwnerOffline: w.agent.ID})
		w.tells(ids[0])
		letter := w.mailbox.mails[0]
		require.Equal(t, "Lamps Ltd", letter.FromName)
		require.Contains(t, letter.Subject, "Grace")
		for _, body := range []string{letter.Text, letter.HTML} {
			require.Contains(t, body, "It does not shine.")
			require.Contains(t, body, "https://desk.company.test/api/v1/conversations/"+ref.ConversationID)
		}
		require.True(t, letter.Automatic, "an absence note would answer it")
	})
}

func TestANoticeLinksToWhereAgentsWork(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.AgentURL = "https://front.company.test/#{id}"
		ref, id := w.offline()
		w.tells(id)
		require.Contains(t, w.mailbox.mails[0].Text, "https://front.company.test/#"+ref.ConversationID)
	})
}

func TestANoticeWhoseProcessDiedIsNeverMailedAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.offline()
		w.mailbox.answer = func(mail.Mail) error { panic("the power is cut") }
		require.Panics(t, func() { w.tells(id) })
		w.mailbox.answer = nil
		require.Equal(t, inbox.NoticeUnknown, w.tells(id))
		require.Equal(t, inbox.NoticeUnknown, w.tells(id))
		require.Len(t, w.mailbox.mails, 1)
		require.Equal(t, 1, w.count(ref, inbox.EventNoticeFailed))
	})
}

func TestWhatBecomesOfANoticeThatWasNotAccepted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		for name, tc := range map[string]struct {
			err   error
			state inbox.NoticeState
		}{
			"refused finally":                        {refusedFor(channels.Final), inbox.NoticeFailed},
			"broken after it may have been accepted": {refusedFor(channels.Unknown), inbox.NoticeUnknown},
			"an error of any other kind":             {errors.New("broken"), inbox.NoticeUnknown},
		} {
			w.mailbox.mails = nil
			w.mailbox.answer = func(mail.Mail) error { return tc.err }
			ref, id := w.offline()
			require.Equal(t, tc.state, w.tells(id), name)
			require.Equal(t, tc.state, w.tells(id), name)
			require.Len(t, w.mailbox.mails, 1, "%s: never again", name)
			require.Equal(t, 1, w.count(ref, inbox.EventNoticeFailed), name)
		}
	})
}

func TestANoticeRefusedForNowIsMailedLaterUnderTheSameID(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.offline()
		w.mailbox.answer = func(mail.Mail) error { return refusedFor(channels.Retry) }
		_, err := w.worker().ExecuteActivity(w.SendNotice, id)
		wantRetry(t, err)
		w.mailbox.answer = nil
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Len(t, w.mailbox.mails, 2)
		require.Equal(t, w.mailbox.mails[0].MessageID, w.mailbox.mails[1].MessageID)
		require.Regexp(t, `^[^@]+@desk\.company\.test$`, w.mailbox.mails[0].MessageID)
	})
}

func TestEveryRecipientIsToldUnderAnIDOfHisOwn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		admins := w.admins(3)
		_, id := w.nobody()
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Equal(t, admins, w.mailbox.recipients())
		ids := make(map[string]bool)
		for _, letter := range w.mailbox.mails {
			ids[letter.MessageID] = true
		}
		require.Len(t, ids, 3)
	})
}

func TestOneOfSeveralRecipientsDoesNotDecideForTheOthers(t *testing.T) {
	const final, retry, unknown, accepted = channels.Final, channels.Retry, channels.Unknown, channels.Outcome(-1)
	cases := map[string]struct {
		answers [3]channels.Outcome
		tried   int
		state   inbox.NoticeState // "" is tried again
	}{
		"the first has no mailbox any more":    {[3]channels.Outcome{final, accepted, accepted}, 3, inbox.NoticeSent},
		"the last has no mailbox any more":     {[3]channels.Outcome{accepted, accepted, final}, 3, inbox.NoticeSent},
		"nobody has a mailbox":                 {[3]channels.Outcome{final, final, final}, 3, inbox.NoticeFailed},
		"the server is away":                   {[3]channels.Outcome{retry, retry, retry}, 1, ""},
		"the server goes away after a final":   {[3]channels.Outcome{final, retry, accepted}, 2, ""},
		"the server goes away after the first": {[3]channels.Outcome{accepted, retry, accepted}, 3, inbox.NoticeSent},
		"the first may have been told":         {[3]channels.Outcome{unknown, retry, final}, 3, inbox.NoticeUnknown},
		"the first may, the second was told":   {[3]channels.Outcome{unknown, accepted, final}, 3, inbox.NoticeSent},
	}
	forEachDatabase(t, func(t *testing.T, w *world) {
		admins := w.admins(3)
		for name, tc := range cases {
			w.mailbox.mails = nil
			w.mailbox.answer = func(letter mail.Mail) error {
				if answer := tc.answers[slices.Index(admins, letter.To)]; answer != accepted {
					return refusedFor(answer)
				}
				return nil
			}
			w.now = w.now.Add(time.Hour)
			_, id := w.nobody()
			state, err := w.SendNotice(t.Context(), id)
			require.Len(t, w.mailbox.mails, tc.tried, name)
			if tc.state == "" {
				wantRetry(t, err)
				continue
			}
			require.NoError(t, err, name)
			require.Equal(t, tc.state, state, name)
		}
	})
}

func TestANoticeToNobodyFails(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.nobody()
		require.Equal(t, inbox.NoticeFailed, w.tells(id))
		require.Equal(t, 1, w.count(ref, inbox.EventNoticeFailed))
	})
}

func TestWhatTheMailServerSaidIsRecordedAfterTheTryWasCancelled(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.offline()
		ctx, cancel := context.WithCancel(t.Context())
		w.mailbox.answer = func(mail.Mail) error { cancel(); return nil }
		state, err := w.SendNotice(ctx, id)
		require.NoError(t, err)
		require.Equal(t, inbox.NoticeSent, state)
		require.Equal(t, inbox.NoticeSent, w.tells(id))
	})
}

func TestANoticeThatDoesNotExistIsGivenUp(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, err := w.SendNotice(t.Context(), store.NewID())
		wantRefusal(t, err, inbox.CodeNotFound)
	})
}

func TestANoticeNamesWhoHasNoNameByTheAddress(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindEmail), func(in *store.Inbound) {
			in.Sender = inbox.Sender{Identities: []inbox.Identity{inbox.EmailIdentity("grace@example.com")}}
		})
		must(w.ResolveContact(w.t.Context(), ref))(t)
		w.tells(w.plans(ref, inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, OwnerOffline: w.agent.ID})[0])
		require.Contains(t, w.mailbox.mails[0].Subject, "grace@example.com")
	})
}
