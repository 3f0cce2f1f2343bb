package incoming

import (
	"bytes"
	"regexp"
	"strings"
)

// part is a node of a message's tree (RFC 2046).
type part struct {
	header header
	// kind is the media type in lower case.
	kind   string
	params map[string]string
	// body is what stands below the header, still encoded.
	body []byte
	// parts are a multipart's.
	parts []part
}

// part reads a message or one of its parts. Its kind is fallback when it does
// not say.
func (r *reader) part(raw []byte, fallback string, nesting int) (part, error) {
	if *r.parts++; *r.parts > maxParts || nesting > maxNesting {
		return part{}, ErrTooComplex
	}
	head, body := cutHeader(raw, nesting == 0)
	if len(head) > maxHeader {
		return part{}, ErrTooComplex
	}
	p := part{body: body}
	var sound bool
	if p.header, sound = readHeader(head); !sound {
		r.flaw("a header is malformed")
	}
	if p.kind, p.params = mediaType(p.header.first("content-type")); p.kind == "" {
		p.kind = fallback
	}
	if !strings.HasPrefix(p.kind, "multipart/") {
		return p, nil
	}
	pieces := split(body, p.params["boundary"])
	if len(pieces) == 0 {
		r.flaw("a multipart has no parts")
		p.kind = "text/plain"
		return p, nil
	}
	child := "text/plain"
	if p.kind == "multipart/digest" {
		child = "message/rfc822"
	}
	for _, piece := range pieces {
		sub, err := r.part(piece, child, nesting+1)
		if err != nil {
			return part{}, err
		}
		p.parts = append(p.parts, sub)
	}
	return p, nil
}

var (
	emptyLine = regexp.MustCompile(`\r?\n\r?\n`)
	field     = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)
	// leading is what stands before a header: a byte order mark, empty lines, and
	// the line that begins a message in mbox files.
	leading = regexp.MustCompile(`^(?:\xEF\xBB\xBF)?[\r\n]*(?:>?From [^\s:][^\n]*\n)?`)
)

// cutHeader parts a header from what follows the empty line. A part that does
// not begin with a header field has no header.
func cutHeader(raw []byte, message bool) (head, body []byte) {
	if message {
		if !bytes.Contains(raw, []byte("\n")) {
			raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
		}
		raw = raw[len(leading.Find(raw)):]
	} else if !field.Match(raw) {
		return nil, bytes.TrimPrefix(bytes.TrimPrefix(raw, []byte("\r")), []byte("\n"))
	}
	if at := emptyLine.FindIndex(raw); at != nil {
		return raw[:at[0]], raw[at[1]:]
	}
	return raw, nil
}

// split returns what stands between the boundary's lines (RFC 2046, 5.1.1). A
// boundary that is not given is taken from the first line that looks like one.
// The last part may be unfinished. One more than maxParts are enough.
func split(body []byte, boundary string) [][]byte {
	delimiter := []byte("--" + strings.TrimRight(boundary, " \t"))
	if boundary == "" {
		if delimiter = guessBoundary(body); delimiter == nil {
			return nil
		}
	}
	var pieces [][]byte
	start := -1
	for at := 0; at < len(body) && len(pieces) <= maxParts; {
		next := bytes.Index(body[at:], delimiter)
		if next < 0 {
			break
		}
		next += at
		at = next + 1
		if next > 0 && body[next-1] != '\n' {
			continue
		}
		lineEnd := len(body)
		if n := bytes.IndexByte(body[next:], '\n'); n >= 0 {
			lineEnd = next + n + 1
		}
		rest := bytes.TrimRight(body[next+len(delimiter):lineEnd], " \t\r\n")
		last := bytes.Equal(rest, []byte("--"))
		if len(rest) > 0 && !last {
			continue
		}
		if start >= 0 {
			// The line break before a boundary is the boundary's.
			pieces = append(pieces, bytes.TrimSuffix(bytes.TrimSuffix(body[start:max(next, start)], []byte("\n")), []byte("\r")))
		}
		start, at = lineEnd, lineEnd
		if last {
			return pieces
		}
	}
	if start >= 0 && start < len(body) {
		pieces = append(pieces, body[start:])
	}
	return pieces
}

var boundaryLine = regexp.MustCompile(`(?m)^--[^\s-][^\r\n]*`)

func guessBoundary(body []byte) []byte { return bytes.TrimRight(boundaryLine.Find(body), " \t") }
