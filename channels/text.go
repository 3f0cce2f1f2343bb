package channels

import (
	"net/mail"
	"strings"
	"unicode"
)

// maxEmail is the longest address SMTP carries (RFC 5321, 4.5.3.1.3).
const maxEmail = 254

// CleanText drops what databases and mail refuse: broken UTF-8 and control
// characters other than tabs and line breaks. Line breaks become "\n".
func CleanText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, s))
}

// CleanLine is CleanText in one line: it may become a subject or a name in a
// mail header. What would turn the writing beside it is dropped.
func CleanLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if '\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069' {
			return -1
		}
		return r
	}, CleanText(s))), " ")
}

// ValidEmail reports whether s is a bare mail address.
func ValidEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Name == "" && address.Address == s && len(s) <= maxEmail
}

// ReachableEmail is ValidEmail for what a stranger types. A domain without a dot is a
// slip: nothing reaches it from here.
func ReachableEmail(s string) bool {
	domain := s[strings.LastIndex(s, "@")+1:]
	return ValidEmail(s) && strings.Contains(strings.Trim(domain, "."), ".")
}
