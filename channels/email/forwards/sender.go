package forwards

import (
	"strings"

	"switchboard/channels"
)

// sender reads the sender of a header block: "Name" <x>, Name [mailto:x],
// Name (x), <x>, or x, possibly twice (x <x>, x<mailto:x>). It is not ok without
// an address, or with several different ones: in "x on behalf of y" Outlook
// shows Sender and From, and only the forwarder knows who is meant.
func sender(value string) (name, email string, ok bool) {
	end := 0
	for _, word := range strings.FieldsFunc(value, delimits) {
		address := strings.Trim(strings.TrimPrefix(word, "mailto:"), "'*.:")
		if !channels.ValidEmail(address) {
			continue
		}
		lower := strings.ToLower(address)
		if email != "" && email != lower {
			return "", "", false
		}
		if email == "" {
			end = strings.Index(value, address)
		}
		email = lower
	}
	if email == "" {
		return "", "", false
	}
	before := strings.TrimSuffix(strings.TrimSpace(value[:end]), "mailto:")
	return strings.Trim(before, " \t*"+quotes+"<[(,"), email, true
}

const quotes = `"'„“”«»`

// delimits reports what stands around addresses. An apostrophe may be part of one.
func delimits(r rune) bool {
	return r == ' ' || r == '\t' || r == '\u00a0' || strings.ContainsRune("<>[](),;\"„“”«»", r)
}
