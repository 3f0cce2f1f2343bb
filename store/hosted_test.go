package store_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAnEmailChannelHasAHostedTokenForGood(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(channel.HostedToken) {
			t.Fatalf("token %q", channel.HostedToken)
		}
		if other := newChannel(t, s, email); other.HostedToken == channel.HostedToken {
			t.Error("two channels with one token")
		}
		token := channel.HostedToken
		channel.Name, channel.HostedToken = "Renamed", "chosen"
		channel = must(s.UpdateChannel(ctx, channel))(t)
		if channel.HostedToken != token {
			t.Errorf("token became %q", channel.HostedToken)
		}
		for _, written := range []string{token, strings.ToUpper(token)} {
			if got := must(s.ChannelByHostedToken(ctx, written))(t); got.ID != channel.ID {
				t.Errorf("%s leads to %+v", written, got)
			}
		}
		if err := s.DeleteChannel(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		for _, none := range []string{token, "", "nobody\x00"} {
			_, err := s.ChannelByHostedToken(ctx, none)
			wantCode(t, err, inbox.CodeNotFound)
		}
	})
}

func TestChannelsOfOtherKindsHaveNoHostedToken(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		for range 2 {
			if channel := newChannel(t, s); channel.HostedToken != "" || channel.Provider != inbox.ProviderNone {
				t.Errorf("channel %+v", channel)
			}
		}
	})
}

func TestTheLatestForwardingConfirmationIsKeptAndIsNoEdit(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		if channel.Confirmation != nil {
			t.Errorf("confirmation %+v", channel.Confirmation)
		}
		want := inbox.ForwardingConfirmation{Provider: "gmail", Code: "123456789", URL: "https://mail.google.test/confirm", At: noon}
		for _, confirmation := range []inbox.ForwardingConfirmation{{Provider: "gmail", Code: "1", At: time.Now()}, want} {
			if err := s.KeepConfirmation(ctx, channel.ID, confirmation); err != nil {
				t.Fatal(err)
			}
		}
		got := must(s.Channel(ctx, channel.ID))(t)
		if !reflect.DeepEqual(got.Confirmation, &want) || got.Revision != channel.Revision {
			t.Errorf("confirmation %+v, revision %d", got.Confirmation, got.Revision)
		}
		// Who loaded the channel before may still change it.
		if edited := must(s.UpdateChannel(ctx, channel))(t); !reflect.DeepEqual(edited.Confirmation, &want) {
			t.Errorf("confirmation after an edit %+v", edited.Confirmation)
		}
		wantCode(t, s.KeepConfirmation(ctx, store.NewID(), want), inbox.CodeNotFound)
	})
}
