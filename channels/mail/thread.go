package mail

import (
	"net/url"
	"strings"
)

// ReplySubject is the subject of an answer.
func ReplySubject(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// MessageID is the bare message id of an earlier message, whose own id it is
// unless the message is ours: our ids get the domain. What follows a blank is
// not the id's: it keeps two messages apart that came under one.
func MessageID(id, domain string) string {
	id, _, _ = strings.Cut(id, " ")
	if strings.Contains(id, "@") {
		return id
	}
	return id + "@" + domain
}

// DomainOf is the domain of message ids of a server that is reached at a public URL.
func DomainOf(publicURL string) string {
	if public, err := url.Parse(publicURL); err == nil && public.Hostname() != "" {
		return public.Hostname()
	}
	return "switchboard.invalid"
}
