package incoming

import (
	"net/mail"
	"slices"
	"strings"

	"switchboard/channels"
)

// recipientFields are where servers note whom they delivered to.
var recipientFields = []string{
	"delivered-to", "x-forwarded-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to",
}

// addresses reads lists of addresses; members of groups count, and what is no
// address is left out.
func addresses(lists []string) []Address {
	var all []Address
	parser := mail.AddressParser{WordDecoder: wordDecoder}
	for _, list := range lists {
		parsed, err := parser.ParseList(list)
		if err != nil {
			list = bracketed.ReplaceAllStringFunc(withoutComments(list), withoutSpace)
			parsed, err = parser.ParseList(list)
		}
		for _, a := range parsed {
			all = appendAddress(all, a.Name, a.Address)
		}
		if err != nil {
			all = looseAddresses(all, list)
		}
	}
	return all
}

// looseAddresses finds what looks like addresses in a list that cannot be
// parsed.
func looseAddresses(all []Address, list string) []Address {
	for piece := range strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(",;:", r) }) {
		if name, email, found := strings.Cut(piece, "<"); found {
			email, _, _ = strings.Cut(email, ">")
			all = appendAddress(all, strings.Trim(name, ` "`), withoutSpace(email))
			continue
		}
		for email := range strings.FieldsSeq(piece) {
			all = appendAddress(all, "", email)
		}
	}
	return all
}

func appendAddress(all []Address, name, email string) []Address {
	email = strings.ToLower(email)
	if !strings.Contains(email, "@") || !channels.ValidEmail(email) {
		return all
	}
	return append(all, Address{Name: channels.CleanName(words(name)), Email: email})
}

// withoutComments drops what stands in parentheses (RFC 5322, 3.2.2). Text
// whose parentheses or quotes do not match stays as it is.
func withoutComments(s string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		start := i
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
		case c == ')' && !quoted && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteString(s[start : i+1])
		}
	}
	if depth > 0 || quoted {
		return s
	}
	return b.String()
}

func withoutSpace(s string) string { return strings.Join(strings.Fields(s), "") }

// sender finds whom to answer: From, and where that names nobody, what comes
// closest. The zero Address when there is nothing.
func (r *reader) sender(head header) Address {
	from := addresses(head["from"])
	if len(from) > 0 {
		return from[0]
	}
	for _, name := range []string{"sender", "reply-to", "return-path"} {
		if instead := addresses(head[name]); len(instead) > 0 {
			r.flaw("no usable From: the sender is from " + name)
			return instead[0]
		}
	}
	return Address{}
}

// deliveredTo returns each address once.
func deliveredTo(head header) []string {
	var all []string
	for _, name := range recipientFields {
		for _, a := range addresses(head[name]) {
			if !slices.Contains(all, a.Email) {
				all = append(all, a.Email)
			}
		}
	}
	return all
}
