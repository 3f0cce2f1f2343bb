package twilio_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/twilio"
)

func TestAMediaAddressOpensOneFileForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	media := twilio.NewMedia("https://desk.example.com/", token, "")
	address, err := url.Parse(media.Address("0190-file", now))
	require.NoError(t, err)
	require.Equal(t, "https://desk.example.com/media/0190-file", strings.Split(address.String(), "?")[0])
	expires, signature := address.Query().Get("expires"), address.Query().Get("signature")
	require.Len(t, signature, 64)

	for name, c := range map[string]struct {
		media                          *twilio.Media
		attachment, expires, signature string
		after                          time.Duration
		valid                          bool
	}{
		"at once":                    {media, "0190-file", expires, signature, 0, true},
		"shortly before the end":     {media, "0190-file", expires, signature, 4*time.Hour - time.Second, true},
		"at the end":                 {media, "0190-file", expires, signature, 4 * time.Hour, false},
		"another file":               {media, "0190-life", expires, signature, 0, false},
		"a later end":                {media, "0190-file", expires + "0", signature, 0, false},
		"no end":                     {media, "0190-file", "", signature, 0, false},
		"no signature":               {media, "0190-file", expires, "", 0, false},
		"a strange signature":        {media, "0190-file", expires, "?", 0, false},
		"half a signature":           {media, "0190-file", expires, signature[:32], 0, false},
		"the old of two tokens":      {twilio.NewMedia("", "new", token), "0190-file", expires, signature, 0, true},
		"another token":              {twilio.NewMedia("", "new"), "0190-file", expires, signature, 0, false},
		"no account":                 {twilio.NewMedia("", ""), "0190-file", expires, signature, 0, false},
		"no account, no signature":   {twilio.NewMedia(""), "0190-file", expires, "", 0, false},
		"the token is not the key":   {media, "0190-file", expires, twilio.SignMedia(token, "0190-file", expires), 0, false},
		"an empty token is no token": {media, "0190-file", expires, twilio.SignMedia("", "0190-file", expires), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.valid, c.media.Valid(c.attachment, c.expires, c.signature, now.Add(c.after)))
		})
	}
}
