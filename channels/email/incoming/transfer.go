package incoming

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
)

// decode undoes a transfer encoding (RFC 2045, 6) and reports whether it was
// sound. What is broken is left out (base64) or kept as it stands
// (quoted-printable), and an encoding that nobody knows is taken for none.
func decode(encoding string, body []byte) ([]byte, bool) {
	switch encoding {
	case "base64":
		return decodeBase64(body)
	case "quoted-printable":
		return decodeQuotedPrintable(body)
	case "x-uuencode", "uuencode", "x-uue":
		return decodeUU(body)
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit":
		return body, true
	default:
		return body, false
	}
}

// decodeBase64 goes on behind padding: some programs encode in pieces.
func decodeBase64(body []byte) ([]byte, bool) {
	sound := true
	out := make([]byte, 0, len(body)/4*3+3)
	clean := make([]byte, 0, len(body))
	flush := func() {
		if len(clean)%4 == 1 {
			clean, sound = clean[:len(clean)-1], false
		}
		out, _ = base64.RawStdEncoding.AppendDecode(out, clean) // has only its characters
		clean = clean[:0]
	}
	for _, c := range body {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		case c == '=':
			flush()
		case c != '\r' && c != '\n' && c != ' ' && c != '\t':
			sound = false
		}
	}
	flush()
	return out, sound
}

func decodeQuotedPrintable(body []byte) ([]byte, bool) {
	sound := true
	out := make([]byte, 0, len(body))
	for len(body) > 0 {
		line, rest, broken := bytes.Cut(body, []byte("\n"))
		body = rest
		line = bytes.TrimRight(line, " \t\r")
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if line[i] != '=' {
				out = append(out, line[i])
				continue
			}
			var b [1]byte
			if _, err := hex.Decode(b[:], line[min(i+1, len(line)):min(i+3, len(line))]); err != nil || i+3 > len(line) {
				out, sound = append(out, '='), false
				continue
			}
			out = append(out, b[0])
			i += 2
		}
		if broken && !soft {
			out = append(out, '\n')
		}
	}
	return out, sound
}

// decodeUU decodes what stands between "begin 644 name" and "end".
func decodeUU(body []byte) ([]byte, bool) {
	out := make([]byte, 0, len(body))
	begun, ended := false, false
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case !begun:
			begun = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			return out, true
		case len(line) > 0:
			out = append(out, uuLine(line)...)
		}
	}
	if !begun {
		return body, false
	}
	return out, ended
}

func uuLine(line []byte) []byte {
	value := func(c byte) byte { return (c - ' ') & 63 }
	n, line := int(value(line[0])), line[1:]
	out := make([]byte, 0, n+2)
	for ; len(out) < n; line = line[4:] {
		if len(line) < 4 {
			line = append(bytes.Clone(line), "    "[len(line):]...)
		}
		a, b, c, d := value(line[0]), value(line[1]), value(line[2]), value(line[3])
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return out[:n]
}
