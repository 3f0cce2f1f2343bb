package incoming

import (
	"bufio"
	"bytes"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"

	"switchboard/channels"
)

// maxParameters bounds a Content-Type with its parameters, in bytes: the
// library's time grows with its square.
const maxParameters = 8 << 10

// header holds unfolded values in valid UTF-8 by name in lower case, each
// name's in the order of the message; encoded words (RFC 2047) are still
// encoded.
type header map[string][]string

// first returns the value that counts where only one is allowed.
func (h header) first(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// text returns the first value in plain words, on one line.
func (h header) text(name string) string { return words(h.first(name)) }

// token returns the first value's first word in lower case, without comments
// and parameters.
func (h header) token(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(h.first(name)), func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(";,(", r)
	})
	return first(fields)
}

// declaredCharset finds what bytes of a header that are no ASCII may be meant in.
var declaredCharset = regexp.MustCompile(`(?i)charset="?([^\s";]+)`)

// readHeader reads a header without the empty line below it. Lines that are no
// header fields are skipped.
func readHeader(block []byte) (header, bool) {
	problems := &problems{}
	// An error comes after what could be read.
	fields, err := enmime.ReadHeader(bufio.NewReader(bytes.NewReader(block)), problems)
	charset := ""
	for _, value := range fields["Content-Type"] {
		if found := declaredCharset.FindStringSubmatch(value); found != nil {
			charset = found[1]
		}
	}
	h := make(header, len(fields))
	// In order: "From" and "From " are one.
	for _, spelt := range slices.Sorted(maps.Keys(fields)) {
		name := strings.ToLower(strings.TrimSpace(spelt))
		for _, value := range fields[spelt] {
			h[name] = append(h[name], toUTF8([]byte(value), charset))
		}
	}
	return h, err == nil && !problems.some
}

// problems notes whether the library had any, not what they say: that is
// people's text.
type problems struct{ some bool }

func (p *problems) AddError(string, string, ...any)   { p.some = true }
func (p *problems) AddWarning(string, string, ...any) { p.some = true }

var wordDecoder = &mime.WordDecoder{CharsetReader: charsetReader}

// words decodes encoded words. What cannot be decoded stays as it is.
func words(s string) string {
	if strings.Contains(s, "=?") {
		if decoded, err := wordDecoder.DecodeHeader(s); err == nil {
			s = decoded
		}
	}
	return channels.CleanLine(s)
}

// mediaType reads a Content-Type or Content-Disposition; "" when there is none
// or it makes no sense.
func mediaType(value string) (kind string, params map[string]string) {
	value = value[:min(len(value), maxParameters)]
	kind, params, _, err := mediatype.ParseWithOptions(value, mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	if err != nil {
		return "", nil
	}
	return strings.ToLower(kind), params
}

// first returns the first of some, or nothing.
func first[T any](some []T) T {
	if len(some) > 0 {
		return some[0]
	}
	var none T
	return none
}
