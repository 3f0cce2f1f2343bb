package store_test

import (
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestApprovedTemplatesAreKeptAsTheProviderLastSaid(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		now := time.Now().UTC().Truncate(time.Microsecond)
		list := func() inbox.TemplateList { return must(s.TemplateList(ctx, inbox.KindWhatsApp))(t) }
		done := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		due := func(at time.Time) bool { return must(s.TemplatesDue(ctx, inbox.KindWhatsApp, at))(t) }
		if got := list(); got.Templates != nil || !got.FetchedAt.IsZero() {
			t.Fatalf("before anybody asked: %+v", got)
		}
		if due(now) {
			t.Error("due without a channel")
		}
		channel := newChannel(t, s)
		channel.Kind, channel.Account, channel.ID = inbox.KindWhatsApp, "+15550002222", ""
		must(s.CreateChannel(ctx, channel))(t)
		if !due(now) {
			t.Error("not due with a channel")
		}

		done(s.TemplatesFailed(ctx, inbox.KindWhatsApp, inbox.CodeUnavailable, now, now.Add(time.Minute)))
		if got := list(); !got.FailedAt.Equal(now) || got.Failure != inbox.CodeUnavailable || !got.FetchedAt.IsZero() || len(got.Templates) != 0 {
			t.Errorf("asked in vain at first: %+v", got)
		}
		if due(now.Add(59*time.Second)) || !due(now.Add(time.Minute)) {
			t.Error("not due when it was to be asked again")
		}

		template := inbox.ApprovedTemplate{ID: "HX1", Name: "order", Language: "en", Body: "Hello {{1}}", Variables: []string{"1"}}
		done(s.KeepTemplates(ctx, inbox.KindWhatsApp, []inbox.ApprovedTemplate{template}, now, now.Add(time.Hour)))
		kept := list()
		if !kept.FetchedAt.Equal(now) || !kept.FailedAt.IsZero() || kept.Failure != "" || len(kept.Templates) != 1 ||
			kept.Templates[0].Body != template.Body || !slices.Equal(kept.Templates[0].Variables, template.Variables) {
			t.Errorf("kept %+v", kept)
		}
		done(s.TemplatesFailed(ctx, inbox.KindWhatsApp, inbox.CodeRateLimited, now.Add(time.Hour), now.Add(2*time.Hour)))
		if got := list(); len(got.Templates) != 1 || !got.FetchedAt.Equal(now) || got.Failure != inbox.CodeRateLimited {
			t.Errorf("asked in vain later: %+v", got)
		}
		done(s.KeepTemplates(ctx, inbox.KindWhatsApp, nil, now.Add(2*time.Hour), now.Add(3*time.Hour)))
		if got := list(); len(got.Templates) != 0 || got.Failure != "" {
			t.Errorf("none is approved any more: %+v", got)
		}
	})
}
