package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestACodeIsCalledOutOnceAMinuteAndFiveTimesADay(t *testing.T) {
	t.Parallel()
	const number = "+4930123456"
	var v inbox.PhoneVerification
	calls := func(at time.Time) inbox.Code {
		t.Helper()
		next, refusal := routing.PhoneCode(v, number, "hash", at)
		if refusal != nil {
			if next != v {
				t.Errorf("a refusal changed %+v to %+v", v, next)
			}
			return refusal.Code
		}
		v = next
		return ""
	}
	for i := range 5 {
		at := monday.Add(time.Duration(i) * time.Minute)
		if code := calls(at); code != "" {
			t.Fatalf("code %d: %s", i+1, code)
		}
		if code := calls(at.Add(59 * time.Second)); code != inbox.CodeRateLimited {
			t.Errorf("a code 59 seconds later: %q", code)
		}
	}
	if code := calls(monday.Add(23 * time.Hour)); code != inbox.CodeRateLimited {
		t.Errorf("a sixth code on one day: %q", code)
	}
	if code := calls(monday.Add(24 * time.Hour)); code != "" || v.Sent != 1 {
		t.Errorf("the next day: %q, %d sent", code, v.Sent)
	}
	if v.Number != number || v.CodeHash != "hash" || !v.ExpiresAt.Equal(monday.Add(24*time.Hour+10*time.Minute)) {
		t.Errorf("the verification is %+v", v)
	}
}

func TestACodeProvesANumberForTenMinutesAndFiveTries(t *testing.T) {
	t.Parallel()
	fresh, refusal := routing.PhoneCode(inbox.PhoneVerification{}, "+4930123456", "right", monday)
	if refusal != nil {
		t.Fatal(refusal)
	}
	for name, c := range map[string]struct {
		tries  int
		hash   string
		after  time.Duration
		proves bool
		counts int
	}{
		"the code at once":          {0, "right", 0, true, 1},
		"the code in the last tick": {0, "right", 10*time.Minute - 1, true, 1},
		"the code at ten minutes":   {0, "right", 10 * time.Minute, false, 0},
		"the code at the fifth try": {4, "right", 0, true, 5},
		"the code at the sixth try": {5, "right", 0, false, 5},
		"another code":              {2, "wrong", 0, false, 3},
		"no code":                   {0, "", 0, false, 1},
	} {
		v := fresh
		v.Tries = c.tries
		after, refusal := routing.TryPhoneCode(v, c.hash, monday.Add(c.after))
		if proves := refusal == nil; proves != c.proves || after.Tries != c.counts {
			t.Errorf("%s: proves %t after %d tries, want %t after %d", name, proves, after.Tries, c.proves, c.counts)
		}
		if refusal != nil && refusal.Field != "code" {
			t.Errorf("%s blames %q", name, refusal.Field)
		}
	}
	if _, refusal := routing.TryPhoneCode(inbox.PhoneVerification{}, "", time.Time{}.Add(-time.Hour)); refusal == nil {
		t.Error("nothing was asked for, and is proved")
	}
}
