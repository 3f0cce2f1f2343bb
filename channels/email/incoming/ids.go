package incoming

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// maxIDs bounds a message's References: the first, which began the thread,
	// and the newest.
	maxIDs = 51
	// maxID is the longest line of a mail (RFC 5322, 2.1.1).
	maxID = 998
)

var bracketed = regexp.MustCompile(`<([^<>]*)>`)

// ids reads message ids, each once. Ids without brackets count only when there
// are none with.
func ids(values []string) []string {
	var all []string
	seen := map[string]bool{}
	add := func(id string) {
		if id = bareID(id); id != "" && !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	for _, value := range values {
		found := bracketed.FindAllStringSubmatch(value, -1)
		for _, id := range found {
			add(id[1])
		}
		if found != nil {
			continue
		}
		for _, id := range strings.FieldsFunc(withoutComments(value), func(r rune) bool {
			return unicode.IsSpace(r) || strings.ContainsRune("<>,;", r)
		}) {
			if strings.Contains(id, "@") {
				add(id)
			}
		}
	}
	if len(all) > maxIDs {
		all = slices.Concat(all[:1], all[len(all)-maxIDs+1:])
	}
	return all
}

// bareID drops what folding left in an id; "" when it cannot be one.
func bareID(id string) string {
	id = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, id)
	if len(id) > maxID {
		return ""
	}
	return id
}
