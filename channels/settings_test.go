package channels_test

import (
	"encoding/json"
	"slices"
	"testing"

	"switchboard/channels"
	"switchboard/inbox"
)

func TestDecodeSettingsRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		raw   string
		field string // "" is accepted
	}{
		"nothing":         {"", ""},
		"null":            {"null", ""},
		"a known setting": {`{"colour":{"hex":"#fff"}}`, ""},
		"a typo":          {`{"color":{}}`, "settings"},
		"a wrong type":    {`{"colour":{"hex":3}}`, "settings.colour.hex"},
		"not an object":   {`[]`, "settings"},
		"two objects":     {`{} {}`, "settings"},
		"not JSON":        {`{`, "settings"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings struct {
				Colour struct {
					Hex string `json:"hex"`
				} `json:"colour"`
			}
			wantInvalid(t, channels.DecodeSettings(json.RawMessage(tc.raw), &settings), tc.field)
		})
	}
}

func TestOriginsAreSchemeAndHost(t *testing.T) {
	t.Parallel()
	got, err := channels.Origins{
		" https://WWW.example.com/", "http://localhost:3000", "https://www.example.com", "https://www.example.com:443",
		"http://example.com:80", "https://example.com:80", "https://münchen.example:8443", "http://[::1]:3000", "https://my_shop.example",
	}.Check()
	if want := (channels.Origins{
		"https://www.example.com", "http://localhost:3000", "http://example.com", "https://example.com:80",
		"https://xn--mnchen-3ya.example:8443", "http://[::1]:3000", "https://my_shop.example",
	}); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{
		"", "*", "null", "example.com", "ftp://example.com", "https://", "https://example.com/form",
		"https://example.com?x", "https://user@example.com", "https://*.example.com", "https://a;script-src",
	} {
		_, err := channels.Origins{bad}.Check()
		wantInvalid(t, err, "settings.allowed_origins")
	}
}

func TestNoOriginsAllowEveryWebsite(t *testing.T) {
	t.Parallel()
	if !(channels.Origins{}).Allow("https://anywhere.example") {
		t.Error("a channel without origins refused one")
	}
	limited := channels.Origins{"https://www.example.com"}
	for _, is := range []string{"https://www.example.com", "HTTPS://WWW.EXAMPLE.COM"} {
		if !limited.Allow(is) {
			t.Errorf("%q is refused", is)
		}
	}
	for _, other := range []string{
		"https://www.example.org", "http://www.example.com", "https://example.com", "https://shop.www.example.com",
		"https://www.example.com.evil.example", "https://evilwww.example.com", "https://www.example.com:444", "https://www.example.com.",
		"https://www.example.com@evil.example", "https://www.example.com/", " https://www.example.com", "https://www.example.com, https://evil.example",
		"https://www.example.com\x00", "null", "file://", "",
	} {
		if limited.Allow(other) {
			t.Errorf("%q is allowed", other)
		}
	}
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	e, ok := err.(*inbox.Error)
	if !ok || e.Code != inbox.CodeInvalid || e.Field != field {
		t.Errorf("got %#v, want invalid %s", err, field)
	}
}
