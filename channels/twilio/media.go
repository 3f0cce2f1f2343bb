package twilio

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// mediaLasts is how long Twilio may fetch a file. It does so before the message
// leaves, which may wait there when many do.
const mediaLasts = 4 * time.Hour

// Media are the addresses at which Twilio fetches the files that we send
// (twilio.com/docs/messaging/guides/accepted-mime-types): anybody who has one may
// fetch that file, for a while. Nothing is stored for them: they are signed with
// a key that every process derives from the account's token.
type Media struct {
	publicURL string
	// keys are those that are accepted; the first signs.
	keys [][]byte
}

// NewMedia returns the addresses below publicURL. Several tokens are accepted
// while they are changed over; without one nothing is valid.
func NewMedia(publicURL string, tokens ...string) *Media {
	m := &Media{publicURL: strings.TrimSuffix(publicURL, "/")}
	for _, token := range tokens {
		if token != "" {
			m.keys = append(m.keys, digest([]byte(token), "switchboard media addresses"))
		}
	}
	return m
}

// Address is where a file may be fetched from now on.
func (m *Media) Address(attachmentID string, now time.Time) string {
	expires := strconv.FormatInt(now.Add(mediaLasts).Unix(), 10)
	query := url.Values{"expires": {expires}}
	if len(m.keys) > 0 {
		query.Set("signature", hex.EncodeToString(sign(m.keys[0], attachmentID, expires)))
	}
	return m.publicURL + "/media/" + url.PathEscape(attachmentID) + "?" + query.Encode()
}

// Valid reports whether an address is one of ours that has not expired.
func (m *Media) Valid(attachmentID, expires, signature string, now time.Time) bool {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	signed := false
	for _, key := range m.keys {
		signed = hmac.Equal(given, sign(key, attachmentID, expires)) || signed
	}
	until, err := strconv.ParseInt(expires, 10, 64)
	return signed && err == nil && now.Before(time.Unix(until, 0))
}

func sign(key []byte, attachmentID, expires string) []byte {
	return digest(key, attachmentID+"\n"+expires)
}

func digest(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
