package incoming

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
)

// codePages are names that mail programs give to character sets and that
// neither the WHATWG's list nor IANA's has.
var codePages = map[string]string{
	"cp932": "shift_jis", "ms932": "shift_jis", "cp936": "gbk", "cp949": "euc-kr", "ms949": "euc-kr",
	"cp950": "big5", "utf8mb4": "utf-8", "ansi": "windows-1252",
}

// lookup finds a character set; nil when nobody knows it.
func lookup(label string) (encoding.Encoding, string) {
	label = strings.ToLower(strings.TrimSpace(label))
	if other, ok := codePages[label]; ok {
		label = other
	}
	if set, name := charset.Lookup(label); set != nil && name != "replacement" {
		return set, name
	}
	if set, err := ianaindex.IANA.Encoding(label); err == nil && set != nil {
		return set, label
	}
	return nil, ""
}

// toUTF8 decodes text whose character set is said to be label, "" for
// unsaid. Claims that do not fit the bytes are not believed: text that is
// valid UTF-8 and more than ASCII is hardly anything else, and what is not
// UTF-8 and nobody knows is taken for Windows' Latin.
func toUTF8(text []byte, label string) string {
	set, name := lookup(label)
	switch name {
	case "", "utf-8", "windows-1252":
		if utf8.Valid(text) {
			return string(text)
		}
		if mostlyUTF8(text) {
			return strings.ToValidUTF8(string(text), "\uFFFD")
		}
		set = charmap.Windows1252
	}
	decoded, err := set.NewDecoder().Bytes(text)
	if err != nil {
		decoded = text
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD")
}

// mostlyUTF8 reports whether broken UTF-8 has more whole characters beyond
// ASCII than broken ones.
func mostlyUTF8(text []byte) bool {
	whole, broken := 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			whole++
		}
		text = text[size:]
	}
	return whole > broken
}

// charsetReader is toUTF8 for encoded words.
func charsetReader(label string, input io.Reader) (io.Reader, error) {
	text, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	return bytes.NewReader([]byte(toUTF8(text, label))), nil
}
