package form

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

const (
	maxVisitorToken = 200
	maxPageURL      = 2000
	// maxFieldName bounds how much of a name that the form does not know is repeated.
	maxFieldName = 200
)

// Answers are what somebody sent, before it is checked.
type Answers struct {
	Values map[string][]string
	Files  []File
	// VisitorToken is the tracking cookie's; may be "".
	VisitorToken string
	// PageURL is the page the form stood on; may be "".
	PageURL string
}

// File is one uploaded file.
type File struct {
	// Field is the form field it answers.
	Field string
	Name  string
	// ContentType is found from the content; what the browser says is not asked.
	ContentType string
	Data        []byte
}

// Submission is what valid answers say.
type Submission struct {
	// Subject is "" when neither the answers nor the form name one.
	Subject string
	// Text holds the visible answers, a line each (F5).
	Text string
	// Sender is known by cookie first, then by e-mail address (G5).
	Sender inbox.Sender
	// ReplyTo is where answers go; "" when the form asks for no address (F2).
	ReplyTo string
	// Fields are all answers, hidden ones included (F5). Those mapped to the
	// ticket's name and description say so (F3).
	Fields []inbox.SubmittedField
	Files  []File
}

// Parse checks answers against the form. Its error is Problems. An answer to a
// question the form does not ask is refused: ignoring it would lose it. What it says
// is in the form's own language, whichever the page was in: agents read it.
func Parse(settings Settings, in Answers) (Submission, error) {
	p := parser{settings: settings, words: wordsOf(settings.Language), in: in}
	p.refuseUnknown()
	for _, field := range settings.Fields {
		if field.Type == TypeFile {
			p.files(field)
		} else {
			p.answer(field)
		}
	}
	p.about()
	if len(p.problems) > 0 {
		return Submission{}, p.problems
	}
	p.out.Text = strings.Join(p.text, "\n")
	p.out.Subject = cmp.Or(p.mapped[inbox.MapsToSubject], p.mapped[inbox.MapsToTicketName], settings.Title)
	p.out.ReplyTo = p.mapped[inbox.MapsToEmail]
	p.out.Sender = p.sender()
	return p.out, nil
}

type parser struct {
	settings Settings
	words    map[string]string
	in       Answers
	out      Submission
	text     []string
	mapped   map[inbox.FieldMapping]string
	problems Problems
}

func (p *parser) refuse(field string, f fault) {
	p.problems = append(p.problems, problem("fields."+field, f))
}

func (p *parser) refuseUnknown() {
	var unknown []string
	for name := range p.in.Values {
		if i := p.field(name); i < 0 || p.settings.Fields[i].Type == TypeFile {
			unknown = append(unknown, name)
		}
	}
	for _, file := range p.in.Files {
		if i := p.field(file.Field); i < 0 || p.settings.Fields[i].Type != TypeFile {
			unknown = append(unknown, file.Field)
		}
	}
	slices.Sort(unknown)
	for _, name := range slices.Compact(unknown) {
		if i := p.field(name); i >= 0 && p.settings.Fields[i].Type == TypeFile {
			p.refuse(name, fault{words: "file_wanted"})
		} else if i >= 0 {
			p.refuse(name, fault{words: "file_refused"})
		} else {
			p.refuse(shorten(channels.CleanLine(name), maxFieldName), fault{words: "unknown_field"})
		}
	}
}

func (p *parser) field(name string) int {
	return slices.IndexFunc(p.settings.Fields, func(f Field) bool { return f.Name == name })
}

func (p *parser) answer(field Field) {
	raw, given := p.in.Values[field.Name]
	if !given && field.Type == TypeHidden && field.Default != "" {
		raw = []string{field.Default}
	}
	var values []string
	for _, one := range raw {
		value, wrong := field.value(one)
		if wrong != (fault{}) {
			p.refuse(field.Name, wrong)
			return
		}
		if value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) > 1 && field.Type != TypeCheckbox {
		p.refuse(field.Name, fault{words: "one_answer"})
		return
	}
	p.keep(field, values)
}

func (p *parser) files(field Field) {
	var names []string
	for _, file := range p.in.Files {
		if file.Field != field.Name {
			continue
		}
		file.Name = cmp.Or(channels.CleanFileName(file.Name), "file")
		file.ContentType = channels.ContentType("", file.Data)
		p.out.Files = append(p.out.Files, file)
		names = append(names, file.Name)
	}
	p.keep(field, names)
}

// keep records a field's answer in every place it is used.
func (p *parser) keep(field Field, values []string) {
	if len(values) == 0 {
		if field.Required {
			p.refuse(field.Name, fault{words: "missing"})
		}
		return
	}
	hidden := field.Type == TypeHidden
	label := field.labelIn(p.words)
	p.out.Fields = append(p.out.Fields, inbox.SubmittedField{
		Name: field.Name, Label: label, Values: values, Hidden: hidden, MapsTo: field.MapsTo,
	})
	if field.MapsTo != "" {
		if p.mapped == nil {
			p.mapped = map[inbox.FieldMapping]string{}
		}
		p.mapped[field.MapsTo] = field.shown(values[0], p.words)
	}
	if hidden {
		return
	}
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = field.shown(value, p.words)
	}
	separator := " "
	if field.Type == TypeTextArea {
		separator = "\n"
	}
	p.text = append(p.text, label+":"+separator+strings.Join(shown, ", "))
}

// about checks what accompanies the answers.
func (p *parser) about() {
	if len(p.in.VisitorToken) > maxVisitorToken {
		p.problems = append(p.problems, problem(VisitorTokenName, fault{"token_wrong", maxVisitorToken}))
	}
	if p.in.PageURL == "" {
		return
	}
	page, err := url.Parse(p.in.PageURL)
	if err != nil || (page.Scheme != "http" && page.Scheme != "https") || page.Host == "" || len(p.in.PageURL) > maxPageURL {
		p.problems = append(p.problems, problem(PageURLName, fault{"page_wrong", maxPageURL}))
		return
	}
	p.out.Fields = append(p.out.Fields, inbox.SubmittedField{
		Name: PageURLName, Label: "Page", Values: []string{page.String()}, Hidden: true,
	})
}

func (p *parser) sender() inbox.Sender {
	sender := inbox.Sender{Name: channels.CleanName(p.mapped[inbox.MapsToName])}
	if p.in.VisitorToken != "" {
		sender.Identities = append(sender.Identities, inbox.CookieIdentity(p.in.VisitorToken))
	}
	if p.out.ReplyTo != "" {
		sender.Identities = append(sender.Identities, inbox.EmailIdentity(p.out.ReplyTo))
	}
	return sender
}

func shorten(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
