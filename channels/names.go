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
		return strings.TrimRight(string(runes[:maxName]), joiners+" ")
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
	return strings.TrimRight(s[:cut], joiners+". ") + extension
}

// visible is a line without characters that nobody sees: controls of the direction of
// writing among them, so that "gpj.exe" cannot be shown as "exe.jpg". Letters of
// right-to-left scripts stay, and the joiners that some scripts spell with.
func visible(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	var kept strings.Builder
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r):
			kept.WriteByte(' ')
		case strings.ContainsRune(joiners, r) && 0 < i && i < len(runes)-1 &&
			unicode.In(runes[i-1], joinedScripts...) && unicode.In(runes[i+1], joinedScripts...):
			kept.WriteRune(r)
		// Fillers are letters to Unicode.
		case unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			kept.WriteRune(r)
		}
	}
	return CleanLine(kept.String())
}

// joiners are the zero width non-joiner and the zero width joiner.
const joiners = "\u200C\u200D"

// joinedScripts need joiners between letters to be spelled right, as Persian does (The
// Unicode Standard, 23.2).
var joinedScripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati,
	unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
}
