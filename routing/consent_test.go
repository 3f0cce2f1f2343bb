package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestConsentDecides(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	rule := func(mode inbox.ConsentMode, again bool) inbox.ConsentRule {
		return inbox.ConsentRule{Mode: mode, Text: "We keep what you write.", Button: "I agree", AskAgain: again}
	}
	explicit, implicit := rule(inbox.ConsentExplicit, false), rule(inbox.ConsentImplicit, false)
	agreed := func(mode inbox.ConsentMode, text string) []inbox.Consent {
		return []inbox.Consent{{Mode: mode, Wording: inbox.ConsentRule{Text: text}.Wording()}}
	}
	pass := inbox.ConsentDecision{Pass: true}
	for name, test := range map[string]struct {
		q    inbox.ConsentQuestion
		want inbox.ConsentDecision
	}{
		"nothing is asked":                    {inbox.ConsentQuestion{Rule: rule(inbox.ConsentNone, false)}, pass},
		"a channel without settings":          {inbox.ConsentQuestion{}, pass},
		"explicit: the first message":         {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 1}, inbox.ConsentDecision{Say: true}},
		"explicit: agreed":                    {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 2, AgreedBy: "2"}, inbox.ConsentDecision{Pass: true, Record: inbox.ConsentExplicit}},
		"explicit: asked just before":         {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 2, AskedInEpisode: true, LastAsked: now.Add(-24*time.Hour + time.Microsecond)}, inbox.ConsentDecision{}},
		"explicit: asked a day ago":           {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 1, AskedInEpisode: true, LastAsked: now.Add(-24 * time.Hour)}, inbox.ConsentDecision{Say: true}},
		"explicit: asked in another episode":  {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 1, LastAsked: now.Add(-time.Minute)}, inbox.ConsentDecision{Say: true}},
		"explicit: nobody wrote":              {inbox.ConsentQuestion{Rule: explicit, Awaits: true}, inbox.ConsentDecision{}},
		"explicit: agreed earlier":            {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 1, Given: agreed(inbox.ConsentExplicit, "earlier")}, pass},
		"explicit: was only told":             {inbox.ConsentQuestion{Rule: explicit, Awaits: true, Held: 1, Given: agreed(inbox.ConsentImplicit, explicit.Text)}, inbox.ConsentDecision{Say: true}},
		"explicit: agreed to another wording": {inbox.ConsentQuestion{Rule: rule(inbox.ConsentExplicit, true), Awaits: true, Held: 1, Given: agreed(inbox.ConsentExplicit, "earlier")}, inbox.ConsentDecision{Say: true}},
		"explicit: agreed to this wording":    {inbox.ConsentQuestion{Rule: rule(inbox.ConsentExplicit, true), Awaits: true, Held: 1, Given: agreed(inbox.ConsentExplicit, explicit.Text)}, pass},
		"explicit: the episode was there":     {inbox.ConsentQuestion{Rule: explicit}, pass},
		"none any more: what was held counts": {inbox.ConsentQuestion{Rule: rule(inbox.ConsentNone, false), Awaits: true, Held: 1}, pass},
		"implicit: told once":                 {inbox.ConsentQuestion{Rule: implicit}, inbox.ConsentDecision{Pass: true, Record: inbox.ConsentImplicit, Say: true}},
		"implicit: told before":               {inbox.ConsentQuestion{Rule: implicit, Given: agreed(inbox.ConsentImplicit, "earlier")}, pass},
		"implicit: agreed before":             {inbox.ConsentQuestion{Rule: implicit, Given: agreed(inbox.ConsentExplicit, "earlier")}, pass},
		"implicit: told in another wording":   {inbox.ConsentQuestion{Rule: rule(inbox.ConsentImplicit, true), Given: agreed(inbox.ConsentImplicit, "earlier")}, inbox.ConsentDecision{Pass: true, Record: inbox.ConsentImplicit, Say: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.q.Now = now
			if got := routing.Consent(test.q); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAContactAgreesByTheButtonOrByItsWords(t *testing.T) {
	t.Parallel()
	rule := inbox.ConsentRule{Mode: inbox.ConsentExplicit, Text: "?", Button: "I agree"}
	for _, test := range []struct {
		payload, text string
		want          bool
	}{
		{inbox.AgreePayload, "I agree", true}, {inbox.AgreePayload, "", true}, {"", "i  AGREE!", true}, {"", "I agree", true},
		{"", "I agree to nothing", false}, {"", "", false}, {"GET_STARTED", "Get started", false}, {"", "I do not agree", false},
	} {
		if got := routing.Agrees(rule, test.payload, test.text); got != test.want {
			t.Errorf("%q, %q: %v", test.payload, test.text, got)
		}
	}
	if rule.Button = ""; routing.Agrees(rule, "", "...") {
		t.Error("no button is agreed to by no words")
	}
}
