package incoming

import (
	"slices"
	"strings"
)

// automaticRules are the header fields by which programs own up (B10). The
// first that applies counts: a program that answers is worse than a list.
var automaticRules = []struct {
	field string
	says  func(value string) bool
	why   Automatic
	// group is whether group addresses say it of everything that goes through
	// them.
	group bool
}{
	{"auto-submitted", sayNot("no"), AutomaticReply, false},                            // RFC 3834, 5
	{"x-auto-response-suppress", say("dr", "autoreply", "all"), AutomaticReply, false}, // MS-OXCMAIL, 2.2.3.2.14
	{"x-autoreply", sayNot("no"), AutomaticReply, false},
	{"x-autorespond", sayNot("no"), AutomaticReply, false},
	{"x-autoresponse", sayNot("no"), AutomaticReply, false},
	{"precedence", say("auto_reply"), AutomaticReply, false},
	{"return-path", func(value string) bool { return value == "<>" }, AutomaticReply, false}, // RFC 5321, 4.5.5
	{"feedback-id", sayNot(""), AutomaticList, false},
	{"precedence", say("bulk", "junk"), AutomaticList, false},
	{"precedence", say("list"), AutomaticList, true},
	{"list-id", sayNot(""), AutomaticList, true},          // RFC 2919
	{"list-unsubscribe", sayNot(""), AutomaticList, true}, // RFC 2369
}

// say is true of a value that has one of the words.
func say(those ...string) func(string) bool {
	return func(value string) bool {
		return slices.ContainsFunc(valueWords(value), func(word string) bool { return slices.Contains(those, word) })
	}
}

// sayNot is true of a value that does not begin with the word.
func sayNot(word string) func(string) bool {
	return func(value string) bool { return first(valueWords(value)) != word }
}

func valueWords(value string) []string {
	return strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return r <= ' ' || strings.ContainsRune(",;(", r) })
}

// automatic tells whether a program wrote the message. Reports are (RFC 6522),
// and so is what a mail server's daemon sends.
func automatic(root part, m Mail) Automatic {
	local, _, _ := strings.Cut(m.From.Email, "@")
	if m.Bounce != nil || root.kind == "multipart/report" || local == "mailer-daemon" {
		return AutomaticReply
	}
	group := viaGroup(root.header, slices.Concat(m.To, m.Cc))
	for _, rule := range automaticRules {
		if rule.group && group {
			continue
		}
		if slices.ContainsFunc(root.header[rule.field], rule.says) {
			return rule.why
		}
	}
	return ""
}

// viaGroup reports whether the list is a group address that somebody wrote to,
// as Google Groups in front of a team's mailbox (E3): what one posts to is
// among the recipients.
func viaGroup(head header, recipients []Address) bool {
	var list []string
	for _, value := range head["list-post"] {
		for _, found := range bracketed.FindAllStringSubmatch(value, -1) {
			if address, ok := strings.CutPrefix(strings.ToLower(found[1]), "mailto:"); ok {
				address, _, _ = strings.Cut(address, "?")
				list = append(list, address)
			}
		}
	}
	for _, value := range head["list-id"] {
		for _, found := range bracketed.FindAllStringSubmatch(value, -1) {
			list = append(list, strings.ToLower(strings.Replace(found[1], ".", "@", 1)))
		}
	}
	return slices.ContainsFunc(recipients, func(a Address) bool { return slices.Contains(list, a.Email) })
}
