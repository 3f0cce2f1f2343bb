package form

import (
	"cmp"
	"embed"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"switchboard/channels"
	"switchboard/inbox"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are the form's own words.
var texts = channels.ReadWords(textFiles)

// Languages are the languages there are words in.
func Languages() []string { return texts.Languages() }

// wordsOf are the words of a BCP 47 tag's language; where there are none, they are
// English.
func wordsOf(tag string) map[string]string {
	base, _ := language.Make(tag).Base()
	if words := texts[base.String()]; words != nil {
		return words
	}
	return texts[channels.DefaultLanguage]
}

// LanguageFor is the language of the page for a visitor whose browser asks for these
// languages (Accept-Language): the first there are words in, when the settings follow
// the browser, else their own.
func (s Settings) LanguageFor(acceptLanguage string) string {
	if s.BrowserLanguage {
		if language := texts.ForBrowser(acceptLanguage); language != "" {
			return language
		}
	}
	return cmp.Or(s.Language, channels.DefaultLanguage)
}

// labelIn is what a field is called: what the team wrote, else the words for what it
// maps to, else its name.
func (f Field) labelIn(words map[string]string) string {
	return cmp.Or(f.Label, words[f.ownLabel()], f.Name)
}

// ownLabel is the name of the words that call the field when the team wrote nothing;
// "" has none.
func (f Field) ownLabel() string {
	switch f.MapsTo {
	case inbox.MapsToName, inbox.MapsToEmail, inbox.MapsToPhone, inbox.MapsToSubject, inbox.MapsToMessage:
		return string(f.MapsTo)
	default:
		return ""
	}
}

// fault is something wrong with an answer, by the name of its words; the zero fault
// is none. most is how much there may be.
type fault struct {
	words string
	most  int
}

func (f fault) in(language string) string {
	return strings.ReplaceAll(wordsOf(language)[f.words], "{most}", strconv.Itoa(f.most))
}

// Problem is something wrong with a submission. As an error it is an *inbox.Error, in
// English.
type Problem struct {
	refusal *inbox.Error
	fault   fault
}

func problem(field string, f fault) Problem {
	return Problem{inbox.Invalid(field, "%s", f.in(channels.DefaultLanguage)), f}
}

// TooManyFiles is the problem of more files than the server takes.
func TooManyFiles(field string, most int) Problem {
	return problem("fields."+field, fault{"too_many_files", most})
}

func (p Problem) Error() string { return p.refusal.Error() }

func (p Problem) Unwrap() error { return p.refusal }

// In says the problem in a language.
func (p Problem) In(language string) string { return p.fault.in(language) }

// Problems are everything wrong with a submission, each naming "fields.<name>" or
// what accompanies the answers.
type Problems []Problem

func (p Problems) Error() string { return p[0].Error() }

// Unwrap lets callers that report one error report the first.
func (p Problems) Unwrap() error { return p[0] }
