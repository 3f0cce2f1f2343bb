package store_test

import (
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestANumberIsTheAgentsOnceItsCodeWasSaid(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent := newAgent(t, s)
		wanted := inbox.PhoneVerification{
			AgentID: agent.ID, Number: "+4930123456", CodeHash: "right", Sent: 1, CountedFrom: noon, SentAt: noon, ExpiresAt: noon,
		}
		_, err := s.VerifyPhone(t.Context(), agent.ID, func(before inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
			if before != (inbox.PhoneVerification{AgentID: agent.ID}) {
				t.Errorf("before the first code there is %+v", before)
			}
			return wanted, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		phone := func() string { return must(s.Agent(t.Context(), agent.ID))(t).Phone }
		if phone() != "" {
			t.Error("a number that is not proved is the agent's")
		}
		wrong := func(v inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
			if v.Tries == 0 && v != wanted {
				t.Errorf("kept is %+v", v)
			}
			v.Tries++
			return v, inbox.Invalid("code", "This is not the code.")
		}
		for range 2 {
			_, err = s.ProvePhone(t.Context(), agent.ID, wrong)
			wantField(t, err, inbox.CodeInvalid, "code")
		}
		proved, err := s.ProvePhone(t.Context(), agent.ID, func(v inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
			if v.Tries != 2 {
				t.Errorf("%d wrong tries are kept, want 2", v.Tries)
			}
			return v, nil
		})
		if err != nil || proved.Phone != wanted.Number || phone() != wanted.Number {
			t.Errorf("the proved number is %q (%v)", proved.Phone, err)
		}
		_, err = s.ProvePhone(t.Context(), agent.ID, func(v inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
			if v.CodeHash != "" || v.Number != "" || v.Sent != 1 {
				t.Errorf("after the proof %+v is left", v)
			}
			return v, inbox.Invalid("code", "Again?")
		})
		wantCode(t, err, inbox.CodeInvalid)
	})
}

func TestANumberCanBeSetAndTakenAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent := newAgent(t, s)
		for _, number := range []string{"+4930123456", ""} {
			if err := s.SetPhone(t.Context(), agent.ID, number); err != nil {
				t.Fatal(err)
			}
			if got := must(s.Agent(t.Context(), agent.ID))(t).Phone; got != number {
				t.Errorf("the number is %q, want %q", got, number)
			}
		}
		wantCode(t, s.SetPhone(t.Context(), store.NewID(), "+4930123456"), inbox.CodeNotFound)
		agent.Name = "Ada L."
		if err := s.SetPhone(t.Context(), agent.ID, "+4930123456"); err != nil {
			t.Fatal(err)
		}
		if kept := must(s.UpdateAgent(t.Context(), agent))(t); kept.Phone != "+4930123456" {
			t.Errorf("an edit by an admin left the number %q", kept.Phone)
		}
	})
}

func TestCallsOfOursComeFromTheOldestCallChannel(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		if number := must(s.Caller(t.Context()))(t); number != "" {
			t.Errorf("without a channel calls come from %q", number)
		}
		for _, c := range []struct {
			number  string
			enabled bool
		}{{"+1", false}, {"", true}, {"+2", true}, {"+3", true}} {
			newChannel(t, s, func(channel *inbox.Channel) {
				channel.Kind, channel.Account, channel.Enabled = inbox.KindCall, c.number, c.enabled
			})
		}
		if number := must(s.Caller(t.Context()))(t); number != "+2" {
			t.Errorf("calls come from %q", number)
		}
	})
}
