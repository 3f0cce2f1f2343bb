package incoming

import (
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy is channels.SafeHTML's with pictures that came along.
var policy = bluemonday.UGCPolicy().AllowURLSchemes("mailto", "http", "https", "cid")

// sanitise returns HTML that may be shown to agents.
func sanitise(s string) string {
	return strings.TrimSpace(printable(policy.Sanitize(printable(s))))
}

// printable drops control characters other than white space.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// maxQuoting bounds how many ">" a line gets.
const maxQuoting = 5

// textOf makes text of HTML: lines where a browser would break them, and ">"
// before what is quoted.
func textOf(markup string) string {
	w := textWriter{}
	z := html.NewTokenizer(strings.NewReader(markup))
	skip := atom.Atom(0)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return w.String()
		}
		token := z.Token()
		switch {
		case skip != 0:
			if kind == html.EndTagToken && token.DataAtom == skip {
				skip = 0
			}
		case kind == html.TextToken:
			w.text(token.Data)
		case kind == html.StartTagToken && invisible[token.DataAtom]:
			skip = token.DataAtom
		case kind == html.StartTagToken, kind == html.SelfClosingTagToken:
			w.open(token.DataAtom)
		case kind == html.EndTagToken:
			w.close(token.DataAtom)
		}
	}
}

// invisible are elements whose text nobody sees.
var invisible = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Title: true, atom.Noscript: true}

// breaks are elements that begin and end lines, and how many line breaks they
// make.
var breaks = map[atom.Atom]int{
	atom.Address: 1, atom.Article: 1, atom.Blockquote: 1, atom.Body: 1, atom.Center: 1, atom.Dd: 1, atom.Div: 1, atom.Dl: 1,
	atom.Dt: 1, atom.Footer: 1, atom.Form: 1, atom.Header: 1, atom.Li: 1, atom.Main: 1, atom.Section: 1, atom.Tr: 1,
	atom.Table: 1, atom.Fieldset: 1,
	atom.H1: 2, atom.H2: 2, atom.H3: 2, atom.H4: 2, atom.H5: 2, atom.H6: 2, atom.Ol: 2, atom.P: 2, atom.Pre: 2, atom.Ul: 2,
}

// textWriter lays text out.
type textWriter struct {
	strings.Builder
	quoting, pre int
	// quoted is how deep the last line was.
	quoted int
	// owed are line breaks that come when text does.
	owed  int
	space bool
}

func (w *textWriter) open(tag atom.Atom) {
	w.lines(breaks[tag])
	switch tag {
	case atom.Br:
		w.owed++
		w.space = false
	case atom.Hr:
		w.lines(1)
		w.word(strings.Repeat("_", 32))
		w.lines(1)
	case atom.Li:
		w.word("-")
		w.space = true
	case atom.Td, atom.Th:
		w.space = true
	case atom.Blockquote:
		w.quoting++
	case atom.Pre:
		w.pre++
	}
}

func (w *textWriter) close(tag atom.Atom) {
	w.lines(breaks[tag])
	switch tag {
	case atom.Blockquote:
		w.quoting = max(0, w.quoting-1)
	case atom.Pre:
		w.pre = max(0, w.pre-1)
	}
}

// lines makes sure that what follows begins so many lines further down.
func (w *textWriter) lines(n int) {
	w.owed = max(w.owed, n)
	w.space = w.space && n == 0
}

func (w *textWriter) text(s string) {
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.owed++
			}
			w.word(line)
		}
		return
	}
	s = strings.ReplaceAll(s, "\u00a0", " ")
	for i, word := range strings.Fields(s) {
		w.space = w.space || i > 0 || unicode.IsSpace(rune(s[0]))
		w.word(word)
	}
	if s != "" && unicode.IsSpace(rune(s[len(s)-1])) {
		w.space = true
	}
}

func (w *textWriter) word(s string) {
	if s == "" {
		return
	}
	if w.owed > 0 || w.Len() == 0 {
		w.newLine()
	}
	if w.space {
		w.WriteByte(' ')
		w.space = false
	}
	w.WriteString(s)
}

// newLine pays the line breaks owed, three at most: an empty line is as quoted
// as both its neighbours.
func (w *textWriter) newLine() {
	between := strings.TrimRight(marks(min(w.quoted, w.quoting)), " ")
	if w.Len() > 0 {
		w.WriteString(strings.Repeat("\n"+between, min(w.owed, 3)-1))
		w.WriteByte('\n')
	}
	w.WriteString(marks(w.quoting))
	w.owed, w.space, w.quoted = 0, false, w.quoting
}

// marks are what stands before a quoted line.
func marks(depth int) string { return strings.Repeat("> ", min(depth, maxQuoting)) }
