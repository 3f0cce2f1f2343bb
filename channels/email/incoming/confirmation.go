package incoming

import "regexp"

var (
	gmailCode = regexp.MustCompile(`\(#(\d{6,12})\)`)
	// gmailCodeLine is for subjects without it.
	gmailCodeLine = regexp.MustCompile(`(?m)[:：]\s*(\d{6,12})\s*$`)
	// gmailLink confirms; its neighbour, uf-, cancels.
	gmailLink = regexp.MustCompile(`https://mail(?:-settings)?\.google\.com/mail/(?:u/\d+/)?vf-[^\s"'<>]+`)
)

// confirmation reads the mail by which Gmail asks whether an address may be
// forwarded to. It is translated; its sender, code and link are not.
func confirmation(m Mail, body fragment) *Confirmation {
	if m.From.Email != "forwarding-noreply@google.com" {
		return nil
	}
	c := Confirmation{Provider: "gmail", URL: gmailLink.FindString(body.text)}
	if c.URL == "" {
		c.URL = gmailLink.FindString(body.html)
	}
	found := gmailCode.FindStringSubmatch(m.Subject)
	if found == nil {
		found = gmailCodeLine.FindStringSubmatch(body.text)
	}
	if found != nil {
		c.Code = found[1]
	}
	if c.Code == "" && c.URL == "" {
		return nil
	}
	return &c
}
