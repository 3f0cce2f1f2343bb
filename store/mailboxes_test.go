package store_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// newEmail stores an e-mail channel.
func newEmail(t *testing.T, s *store.Store) inbox.Channel {
	t.Helper()
	return newChannel(t, s, func(c *inbox.Channel) { c.Kind = inbox.KindEmail })
}

// connects connects a channel to a Gmail mailbox and returns it as stored.
func connects(t *testing.T, s *store.Store, channel inbox.Channel, address string) store.Mailbox {
	t.Helper()
	must(s.ConnectMailbox(t.Context(), store.Mailbox{
		ChannelID: channel.ID, Provider: inbox.ProviderGmail, Address: address,
		Credentials: []byte{0, 1, 2}, ConnectedBy: "ada", ConnectedAt: noon,
	}))(t)
	return must(s.Mailbox(t.Context(), channel.ID))(t)
}

func TestAConnectedChannelHasItsMailboxsAddress(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		channel := newEmail(t, s)
		_, err := s.Mailbox(ctx, channel.ID)
		wantCode(t, err, inbox.CodeNotFound)
		got := connects(t, s, channel, "support@company.test")
		want := store.Mailbox{
			ChannelID: channel.ID, ConnectionID: got.ConnectionID, Provider: inbox.ProviderGmail, Address: "support@company.test",
			Credentials: []byte{0, 1, 2}, Version: 1, ConnectedBy: "ada", ConnectedAt: noon,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := must(s.Mailboxes(ctx, channel.ID, "other"))(t); len(got) != 1 || !reflect.DeepEqual(got[channel.ID], want) {
			t.Errorf("got %+v", got)
		}
		connected := must(s.Channel(ctx, channel.ID))(t)
		if connected.Account != "support@company.test" || connected.Provider != inbox.ProviderGmail ||
			connected.State != inbox.ChannelConnected || connected.Revision != channel.Revision {
			t.Errorf("the channel is %+v", connected)
		}
		if err := s.DisconnectMailbox(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Mailbox(ctx, channel.ID)
		wantCode(t, err, inbox.CodeNotFound)
		if got := must(s.Channel(ctx, channel.ID))(t); got.Account != "" || got.Provider != inbox.ProviderNone {
			t.Errorf("the channel is %+v", got)
		}
		wantCode(t, s.DisconnectMailbox(ctx, channel.ID), inbox.CodeNotFound)
	})
}

func TestConnectingTheSameAccountAgainGoesOnWhereItWasRead(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		channel := newEmail(t, s)
		first := connects(t, s, channel, "support@company.test")
		if err := s.SaveCursor(ctx, first, "42"); err != nil {
			t.Fatal(err)
		}
		if err := s.RejectMailbox(ctx, first, noon); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Channel(ctx, channel.ID))(t); got.State != inbox.ChannelNeedsReconnect {
			t.Errorf("state %s", got.State)
		}
		again := connects(t, s, channel, "support@company.test")
		if again.Cursor != "42" || again.ConnectionID != first.ConnectionID || again.Version <= first.Version ||
			again.Problem != "" || !again.FailingSince.IsZero() {
			t.Errorf("got %+v", again)
		}
		if got := must(s.Channel(ctx, channel.ID))(t); got.State != inbox.ChannelConnected {
			t.Errorf("state %s", got.State)
		}
		other := connects(t, s, channel, "sales@company.test")
		if other.Cursor != "" || other.ConnectionID == first.ConnectionID || other.Version <= again.Version {
			t.Errorf("another account goes on with %+v", other)
		}
		if err := s.SaveCursor(ctx, again, "43"); !errors.Is(err, store.ErrMailboxChanged) {
			t.Errorf("the first account's cursor was saved: %v", err)
		}
	})
}

func TestAMailboxIsConnectedOnlyOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first, second := newEmail(t, s), newEmail(t, s)
		connects(t, s, first, "support@company.test")
		same := store.Mailbox{ChannelID: second.ID, Provider: inbox.ProviderIMAP, Address: "support@company.test", Credentials: []byte{1}, ConnectedAt: noon}
		_, err := s.ConnectMailbox(ctx, same)
		wantCode(t, err, inbox.CodeAlreadyConnected)
		_, err = s.Mailbox(ctx, second.ID)
		wantCode(t, err, inbox.CodeNotFound)
		if err := s.DeleteChannel(ctx, first.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Mailbox(ctx, first.ID)
		wantCode(t, err, inbox.CodeNotFound)
		must(s.ConnectMailbox(ctx, same))(t)
		same.ChannelID = first.ID
		_, err = s.ConnectMailbox(ctx, same)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestAnAgentsOwnAddressIsNoTeams(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		channel, agent := newEmail(t, s), newAgent(t, s)
		agent.Email = "Ada@Company.test"
		must(s.UpdateAgent(ctx, agent))(t)
		_, err := s.ConnectMailbox(ctx, store.Mailbox{ChannelID: channel.ID, Address: "ada@company.test", Credentials: []byte{1}, ConnectedAt: noon})
		wantCode(t, err, inbox.CodePersonalMailbox)
		forwarded := channel
		forwarded.Account = "ada@company.test"
		_, err = s.UpdateChannel(ctx, forwarded)
		wantCode(t, err, inbox.CodePersonalMailbox)
		_, err = s.CreateChannel(ctx, forwarded)
		wantCode(t, err, inbox.CodePersonalMailbox)

		connects(t, s, channel, "support@company.test")
		agent.Email = "Support@company.test"
		_, err = s.UpdateAgent(ctx, agent)
		wantField(t, err, inbox.CodePersonalMailbox, "email")
		_, err = s.CreateAgent(ctx, inbox.Agent{Name: "Eve", Email: "SUPPORT@company.test"})
		wantField(t, err, inbox.CodePersonalMailbox, "email")
		if err := s.DisconnectMailbox(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		must(s.UpdateAgent(ctx, agent))(t)
	})
}

func TestAnAddressGoesToAnAgentOrATeamWhoeverIsFaster(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		for range 10 {
			channel := newEmail(t, s)
			address := strings.ToLower(store.NewID()) + "@company.test"
			var both sync.WaitGroup
			var connected, hired error
			both.Go(func() {
				_, connected = s.ConnectMailbox(t.Context(), store.Mailbox{ChannelID: channel.ID, Address: address, Credentials: []byte{1}, ConnectedAt: noon})
			})
			both.Go(func() { _, hired = s.CreateAgent(t.Context(), inbox.Agent{Name: "Eve", Email: address}) })
			both.Wait()
			if (connected == nil) == (hired == nil) {
				t.Fatalf("connected: %v, hired: %v", connected, hired)
			}
		}
	})
}

func TestTheAddressOfAConnectedTeamIsAnotherOnesToTake(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		forwarded := func(c *inbox.Channel) {
			c.Kind, c.Account = inbox.KindEmail, "support@company.test"
			c.Settings = []byte(`{"address":"support@company.test","original_sender":true}`)
		}
		channel := newChannel(t, s, forwarded)
		connects(t, s, channel, "help@company.test")
		newChannel(t, s, forwarded)
		if err := s.DisconnectMailbox(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		got := must(s.Channel(ctx, channel.ID))(t)
		var settings map[string]any
		if err := json.Unmarshal(got.Settings, &settings); err != nil {
			t.Fatal(err)
		}
		if want := map[string]any{"address": "", "original_sender": true}; !reflect.DeepEqual(settings, want) {
			t.Errorf("settings %v: two channels have one address", settings)
		}
	})
}

func TestAnEditDoesNotUndoAConnection(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		loaded := newEmail(t, s)
		connects(t, s, loaded, "support@company.test")
		_, err := s.UpdateChannel(ctx, loaded)
		wantCode(t, err, inbox.CodeConflict)
		loaded = must(s.Channel(ctx, loaded.ID))(t)
		connects(t, s, loaded, "sales@company.test")
		edited := must(s.UpdateChannel(ctx, loaded))(t)
		if edited.Account != "sales@company.test" || edited.Provider != inbox.ProviderGmail {
			t.Errorf("edited to %+v", edited)
		}
	})
}

func TestCursorsAndCredentialsOfTheFasterProcessStay(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		loaded := connects(t, s, newEmail(t, s), "support@company.test")
		for _, save := range []func() error{
			func() error { return s.SaveCursor(ctx, loaded, "7") },
			func() error { return s.SaveCredentials(ctx, loaded, []byte{7}) },
		} {
			if err := save(); err != nil {
				t.Fatal(err)
			}
			if err := save(); !errors.Is(err, store.ErrMailboxChanged) {
				t.Errorf("saved over another's: %v", err)
			}
		}
		got := must(s.Mailbox(ctx, loaded.ChannelID))(t)
		if got.Cursor != "7" || got.Credentials[0] != 7 || got.Version != loaded.Version+1 {
			t.Errorf("got %+v", got)
		}
		if err := s.RejectMailbox(ctx, loaded, noon); !errors.Is(err, store.ErrMailboxChanged) {
			t.Errorf("credentials that were replaced count as rejected: %v", err)
		}
		if got := must(s.Channel(ctx, loaded.ChannelID))(t); got.State != inbox.ChannelConnected {
			t.Errorf("state %s", got.State)
		}
	})
}

func TestAProblemIsKnownSinceItBeganUntilTheMailboxIsRead(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		loaded := connects(t, s, newEmail(t, s), "support@company.test")
		for after := range 2 {
			at := noon.Add(time.Duration(after) * time.Hour)
			if err := s.MailboxFailing(ctx, loaded, inbox.MailboxUnreadable, at); err != nil {
				t.Fatal(err)
			}
		}
		got := must(s.Mailbox(ctx, loaded.ChannelID))(t)
		if !got.FailingSince.Equal(noon) || got.Problem != inbox.MailboxUnreadable {
			t.Errorf("got %+v", got)
		}
		another := noon.Add(5 * time.Hour)
		if err := s.MailboxFailing(ctx, loaded, inbox.MailboxThrottled, another); err != nil {
			t.Fatal(err)
		}
		if got = must(s.Mailbox(ctx, loaded.ChannelID))(t); !got.FailingSince.Equal(another) {
			t.Errorf("another problem since %v", got.FailingSince)
		}
		if err := s.MailboxChecked(ctx, loaded, noon); err != nil {
			t.Fatal(err)
		}
		got = must(s.Mailbox(ctx, loaded.ChannelID))(t)
		if !got.FailingSince.IsZero() || got.Problem != "" || !got.CheckedAt.Equal(noon) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestARejectionIsToldOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		loaded := connects(t, s, newEmail(t, s), "support@company.test")
		claims := func(want bool) {
			t.Helper()
			if got := must(s.ClaimConnectionNotice(ctx, loaded.ChannelID, noon))(t); got != want {
				t.Errorf("claimed: %t", got)
			}
		}
		claims(false) // nothing to tell
		for range 2 {
			if err := s.RejectMailbox(ctx, loaded, noon); err != nil {
				t.Fatal(err)
			}
		}
		claims(true)
		claims(false)
		if err := s.ReleaseConnectionNotice(ctx, loaded.ChannelID); err != nil {
			t.Fatal(err)
		}
		claims(true)
		connects(t, s, inbox.Channel{ID: loaded.ChannelID}, "support@company.test")
		claims(false)
		loaded = must(s.Mailbox(ctx, loaded.ChannelID))(t)
		if err := s.RejectMailbox(ctx, loaded, noon); err != nil {
			t.Fatal(err)
		}
		claims(true)
	})
}

func TestMailboxesThatNothingReadsAreFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var boxes []store.Mailbox
		for _, name := range []string{"new", "quiet", "read", "rejected"} {
			boxes = append(boxes, connects(t, s, newEmail(t, s), name+"@company.test"))
		}
		for i, at := range map[int]time.Time{1: noon, 2: noon.Add(time.Hour)} {
			if err := s.MailboxChecked(ctx, boxes[i], at); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.RejectMailbox(ctx, boxes[3], noon); err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, box := range must(s.UnreadMailboxes(ctx, noon.Add(time.Minute), noon.Add(time.Hour), 10))(t) {
			found[box.ChannelID] = true
		}
		if len(found) != 2 || !found[boxes[0].ChannelID] || !found[boxes[1].ChannelID] {
			t.Errorf("found %v of %v", found, boxes)
		}
	})
}

func TestAnyNumberOfMailboxesThatCannotBeReadLeavesTheOthersTheirTurn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, name := range []string{"a", "b", "c"} {
			box := connects(t, s, newEmail(t, s), name+"@company.test")
			if err := s.MailboxFailing(ctx, box, inbox.MailboxUnreadable, noon); err != nil {
				t.Fatal(err)
			}
		}
		lost := connects(t, s, newEmail(t, s), "lost@company.test")
		sweep := 0
		turns := func() (channelIDs []string) {
			sweep++
			for _, box := range must(s.UnreadMailboxes(ctx, noon.Add(time.Hour), noon.Add(time.Duration(sweep)*time.Hour), 2))(t) {
				channelIDs = append(channelIDs, box.ChannelID)
			}
			return channelIDs
		}
		if had := append(turns(), turns()...); !slices.Contains(had, lost.ChannelID) || len(had) != 4 {
			t.Errorf("two sweeps gave turns to %v, not to %s", had, lost.ChannelID)
		}
		// It was read for a while, and is lost again.
		if err := s.MailboxChecked(ctx, lost, noon.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if had := turns(); slices.Contains(had, lost.ChannelID) {
				t.Errorf("one that is read had its turn: %v", had)
			}
		}
		if err := s.MailboxChecked(ctx, lost, noon); err != nil {
			t.Fatal(err)
		}
		if had := turns(); had[0] != lost.ChannelID {
			t.Errorf("its turn was longest ago, and the first is another: %v", had)
		}
	})
}

func TestAnOAuthStateServesOnceAndNotForLong(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		now := time.Now().UTC().Truncate(time.Second)
		state := store.OAuthState{
			Hash: "abc", ChannelID: "c", AgentID: "a", Provider: inbox.ProviderGmail, Verifier: []byte{0, 1}, ExpiresAt: now.Add(10 * time.Minute),
		}
		if err := s.CreateOAuthState(ctx, state); err != nil {
			t.Fatal(err)
		}
		_, err := s.TakeOAuthState(ctx, "abc", now.Add(10*time.Minute))
		wantCode(t, err, inbox.CodeNotFound)
		var takers sync.WaitGroup
		taken := make(chan store.OAuthState, 4)
		for range 4 {
			takers.Go(func() {
				if got, err := s.TakeOAuthState(ctx, "abc", now); err == nil {
					taken <- got
				} else if inbox.CodeOf(err) != inbox.CodeNotFound {
					t.Error(err)
				}
			})
		}
		takers.Wait()
		if len(taken) != 1 {
			t.Fatalf("it served %d times", len(taken))
		}
		if got := <-taken; !reflect.DeepEqual(got, state) {
			t.Errorf("got %+v", got)
		}
		for _, old := range []string{"expired", "new"} {
			state.Hash, state.ExpiresAt = old, now.Add(-time.Minute)
			if err := s.CreateOAuthState(ctx, state); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.TakeOAuthState(ctx, "expired", now.Add(-time.Hour))
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestASubscriptionIsFoundByWhatItsNotificationsShow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		channel := newEmail(t, s)
		loaded := connects(t, s, channel, "support@company.test")
		subscription := store.Subscription{ID: "id", Key: "key", RenewAt: noon}
		if err := s.SaveSubscription(ctx, loaded, subscription); err != nil {
			t.Fatal(err)
		}
		if found := must(s.SubscribedMailbox(ctx, "id", "key"))(t); found.ChannelID != channel.ID || found.Subscription != subscription {
			t.Errorf("got %+v", found)
		}
		for _, wrong := range [][2]string{{"id", "other"}, {"other", "key"}, {"id", ""}, {"", "key"}, {"", ""}} {
			_, err := s.SubscribedMailbox(ctx, wrong[0], wrong[1])
			wantCode(t, err, inbox.CodeNotFound)
		}
		again := connects(t, s, channel, "support@company.test")
		if got := again.Subscription; got.ID != "id" || got.Key != "key" || !got.RenewAt.IsZero() {
			t.Errorf("connected again: %+v", got)
		}
		other := connects(t, s, channel, "sales@company.test")
		if other.Subscription != (store.Subscription{}) {
			t.Errorf("another account has %+v", other.Subscription)
		}
		if err := s.SaveSubscription(ctx, loaded, subscription); !errors.Is(err, store.ErrMailboxChanged) {
			t.Errorf("the first account's was saved: %v", err)
		}
	})
}
