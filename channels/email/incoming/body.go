package incoming

import (
	"errors"
	"html"
	"strings"

	"golang.org/x/net/html/charset"

	"switchboard/channels"
)

// fragment is a body or a piece of one, as text, as HTML that is not sanitised
// yet, or both.
type fragment struct{ text, html string }

// body finds what is to be read in a message, and keeps everything else as
// files and attached messages.
func (r *reader) body(root part) (fragment, error) {
	pieces, err := r.collect(root, true)
	if err != nil {
		return fragment{}, err
	}
	body := join(pieces)
	r.mail.HTML = sanitise(body.html)
	body.text = channels.CleanText(body.plain())
	if len(body.text) > maxText { // made of HTML, which is whole
		body.text = channels.CleanText(body.text[:maxText])
		r.flaw("the text is too long: it was cut")
	}
	nameContentIDs(r.mail.Files, r.mail.HTML)
	return body, nil
}

func (r *reader) collect(p part, root bool) ([]fragment, error) {
	switch {
	case p.kind == "multipart/alternative":
		return r.alternative(p)
	case p.parts != nil:
		var all []fragment
		for _, sub := range p.parts {
			pieces, err := r.collect(sub, false)
			if err != nil {
				return nil, err
			}
			all = append(all, pieces...)
		}
		return all, nil
	case p.kind == "message/rfc822", p.kind == "message/global":
		return nil, r.attach(p)
	case p.isBody(root):
		return []fragment{r.fragment(p)}, nil
	default:
		r.keep(p, r.content(p))
		return nil, nil
	}
}

// alternative takes the first plain text and the last HTML, which is the
// richest (RFC 2046, 5.1.4).
func (r *reader) alternative(p part) ([]fragment, error) {
	var chosen fragment
	for _, sub := range p.parts {
		if sub.kind == "text/x-amp-html" || sub.kind == "text/watch-html" {
			continue // says the same to programs that ask for it
		}
		pieces, err := r.collect(sub, false)
		if err != nil {
			return nil, err
		}
		piece := join(pieces)
		if piece.html != "" {
			chosen.html = piece.html
		}
		if strings.TrimSpace(chosen.text) == "" {
			chosen.text = piece.text
		}
	}
	return []fragment{chosen}, nil
}

// isBody reports whether a part is to be read, not to be opened.
func (p part) isBody(root bool) bool {
	if p.kind != "text/plain" && p.kind != "text/html" {
		return false
	}
	disposition, name := p.disposition()
	return disposition != "attachment" && (root || name == "")
}

func (r *reader) content(p part) []byte {
	data, sound := decode(p.header.token("content-transfer-encoding"), p.body)
	if !sound {
		r.flaw("a part's transfer encoding is broken")
	}
	return data
}

func (r *reader) fragment(p part) fragment {
	data := r.content(p)
	weight := 1
	if p.kind == "text/html" {
		weight = markupFactor
	}
	if room := (maxText - r.text) * weight; len(data) > room {
		r.flaw("the text is too long: it was cut, and is kept whole as a file")
		r.keep(p, data)
		data = data[:room]
	}
	r.text += len(data) / weight
	label := p.params["charset"]
	if p.kind == "text/html" {
		if label == "" {
			_, label, _ = charset.DetermineEncoding(data, "text/html")
		}
		return fragment{html: toUTF8(data, label)}
	}
	text := strings.ReplaceAll(toUTF8(data, label), "\r\n", "\n")
	if strings.EqualFold(p.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(p.params["delsp"], "yes"))
	}
	return fragment{text: text}
}

// attach reads an attached message, and keeps it as a file too: not all of them
// can be read.
func (r *reader) attach(p part) error {
	data := r.content(p)
	r.keep(p, data)
	if r.attached == maxAttached {
		r.flaw("messages are attached to each other too deeply")
		return nil
	}
	mail, err := (&reader{parts: r.parts, attached: r.attached + 1}).read(data)
	switch {
	case err == nil:
		r.mail.Attached = append(r.mail.Attached, mail)
	case errors.Is(err, ErrTooComplex):
		return err
	default:
		r.flaw("an attached message could not be read")
	}
	return nil
}

// plain is the text, made from the HTML where nobody wrote one.
func (f fragment) plain() string {
	if strings.TrimSpace(f.text) != "" {
		return f.text
	}
	return textOf(f.html)
}

// join puts the pieces of a body below each other.
func join(pieces []fragment) fragment {
	if len(pieces) == 1 {
		return pieces[0]
	}
	var text, rich []string
	formatted := false
	for _, piece := range pieces {
		text = append(text, strings.TrimRight(piece.plain(), "\n"))
		if piece.html != "" {
			formatted = true
			rich = append(rich, piece.html)
		} else if plain := strings.TrimSpace(piece.text); plain != "" {
			rich = append(rich, "<p>"+strings.ReplaceAll(html.EscapeString(plain), "\n", "<br>")+"</p>")
		}
	}
	joined := fragment{text: strings.Join(text, "\n\n")}
	if formatted {
		joined.html = strings.Join(rich, "\n")
	}
	return joined
}

// unflow undoes format=flowed (RFC 3676): a line that ends in a space goes on
// in the next one of the same quoting depth.
func unflow(text string, deleteSpace bool) string {
	var b strings.Builder
	depth, flowing := 0, false
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimLeft(line, ">")
		quoted := len(line) - len(bare)
		bare = strings.TrimPrefix(bare, " ")
		if !flowing || quoted != depth || bare == "-- " {
			if i > 0 {
				b.WriteByte('\n')
			}
			if b.WriteString(line[:quoted]); quoted > 0 {
				b.WriteByte(' ')
			}
		}
		depth, flowing = quoted, strings.HasSuffix(bare, " ") && bare != "-- "
		if flowing && deleteSpace {
			bare = strings.TrimSuffix(bare, " ")
		}
		b.WriteString(bare)
	}
	return b.String()
}
