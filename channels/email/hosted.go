package email

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"switchboard/inbox"
)

// HostedAddress is the address a channel's mail is forwarded to (E3). The token
// makes it unguessable: lower-case letters and digits, at most 27 of them, so
// that ReplyAddress stays within the 64 bytes of a local part (RFC 5321,
// 4.5.3.1.1).
func HostedAddress(token, domain string) string { return token + "@" + domain }

// HostedAddress implements channels.Hosted.
func (c *Channel) HostedAddress(channel inbox.Channel) string {
	return HostedAddress(channel.HostedToken, c.Domain)
}

// ReplyAddress is HostedAddress with a conversation's id: what comes to it
// belongs to that conversation.
func ReplyAddress(token, conversationID, domain string) string {
	return token + "+" + conversationID + "@" + domain
}

var (
	hostedToken        = regexp.MustCompile(`^[a-z0-9]+$`)
	hostedConversation = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// ParseHosted reads what HostedAddress and ReplyAddress wrote, in any case: mail
// programs change it. Parts behind a plus that are no conversation's id are
// left out, as people add their own. ok is false for every other address.
func ParseHosted(address, domain string) (token, conversation string, ok bool) {
	if !OnDomain(address, domain) {
		return "", "", false
	}
	local := strings.ToLower(address[:strings.LastIndexByte(address, '@')])
	parts := strings.Split(local, "+")
	if !hostedToken.MatchString(parts[0]) || strings.Contains(local, "@") {
		return "", "", false
	}
	for _, part := range parts[1:] {
		if hostedConversation.MatchString(part) {
			conversation = part
		}
	}
	return parts[0], conversation, true
}

// OnDomain reports whether an address is of the domain, in any case, and in
// whichever of the two forms of a domain that is not ASCII (RFC 5891, 4).
func OnDomain(address, domain string) bool {
	at := strings.LastIndexByte(address, '@')
	return at >= 0 && domainForm(address[at+1:]) == domainForm(domain)
}

func domainForm(domain string) string {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return strings.ToLower(domain)
	}
	return strings.ToLower(ascii)
}
