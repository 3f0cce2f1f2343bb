package channels

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName bounds a person's name, in characters.
	maxName = 200
	// maxFileName bounds a file's name, in bytes: what file systems take. maxExtension
	// is how much of it is an extension that has to stay.
	maxFileName  = 200
	maxExtension = 20
)

// CleanName is CleanLine for a name that others will read and believe: without what
// cannot be seen, and what turns the direction of writing. "" is no name.
func CleanName(s string) string {
	s = visible(s)
	if runes := []rune(s); len(runes) > maxName {
		return strings.TrimSpace(string(runes[:maxName]))
	}
	return s
}

// CleanFileName is CleanName for a file: without folders, with the extension it
// really has, and with nothing at its ends that hides it or that file systems drop.
// "" is no name.
func CleanFileName(s string) string {
	s = path.Base("/" + strings.ReplaceAll(visible(s), `\`, "/"))
	if s = strings.Trim(s, "/. "); len(s) <= maxFileName {
		return s
	}
	extension := path.Ext(s)
	if len(extension) > maxExtension {
		extension = ""
	}
	cut := maxFileName - len(extension)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], ". ") + extension
}

// visible is a line without characters that nobody sees: controls of the direction of
// writing among them, so that "gpj.exe" cannot be shown as "exe.jpg". Letters of
// right-to-left scripts stay.
func visible(s string) string {
	return CleanLine(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		// Fillers are letters to Unicode.
		case !unicode.IsPrint(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}
