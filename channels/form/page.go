package form

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"

	"switchboard/inbox"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	pages = template.Must(template.New("page").Parse(pageHTML))
)

// Page is a form as a browser shows it.
type Page struct {
	Settings Settings
	// Action is the path that takes the post.
	Action string
	// SubmissionID makes a post that is sent twice one submission.
	SubmissionID string
	// Answers and Problems are those of the post that was refused; none at first.
	Answers
	Problems Problems
}

// Notice is a page that only says something.
type Notice struct {
	Language string
	Title    string
	Text     string
}

// WritePage writes the form.
func WritePage(w io.Writer, page Page) error {
	view := pageView{Page: page, CSS: template.CSS(pageCSS)}
	known := map[string]bool{}
	for _, field := range page.Settings.Fields {
		view.Fields = append(view.Fields, view.field(field))
		view.Multipart = view.Multipart || field.Type == TypeFile
		known["fields."+field.Name] = field.Type != TypeHidden
	}
	for _, problem := range page.Problems {
		line := summaryLine{Text: problem.Detail}
		if known[problem.Field] {
			name := strings.TrimPrefix(problem.Field, "fields.")
			i := slices.IndexFunc(page.Settings.Fields, func(f Field) bool { return f.Name == name })
			line.Label, line.ID = page.Settings.Fields[i].Label, view.Fields[i].Target()
		}
		view.Summary = append(view.Summary, line)
	}
	return pages.ExecuteTemplate(w, "form", view)
}

// WriteThanks writes what people see after they sent the form.
func WriteThanks(w io.Writer, settings Settings) error {
	return WriteNotice(w, Notice{Language: settings.Language, Title: settings.Title, Text: settings.ThankYou})
}

// WriteNotice writes a page without a form.
func WriteNotice(w io.Writer, notice Notice) error {
	return pages.ExecuteTemplate(w, "notice", struct {
		Notice
		CSS template.CSS
	}{notice, template.CSS(pageCSS)})
}

// ContentSecurityPolicy is the pages' header: no scripts, nothing from
// elsewhere, shown only inside the websites that may embed the form.
func ContentSecurityPolicy(settings Settings) string {
	digest := sha256.Sum256([]byte(pageCSS))
	ancestors := "*"
	if len(settings.AllowedOrigins) > 0 {
		ancestors = "'self' " + strings.Join(settings.AllowedOrigins, " ")
	}
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
}

type pageView struct {
	Page
	CSS       template.CSS
	Multipart bool
	Fields    []fieldView
	Summary   []summaryLine
}

type summaryLine struct{ Label, ID, Text string }

type fieldView struct {
	Field
	ID      string
	Values  []string
	Problem string
	// Again is set after a refused post, which loses the chosen files.
	Again bool
}

func (v pageView) field(field Field) fieldView {
	view := fieldView{Field: field, ID: "field-" + field.Name, Values: v.Values[field.Name], Again: len(v.Problems) > 0}
	if v.Page.Values == nil && field.Default != "" {
		view.Values = []string{field.Default}
	}
	for _, problem := range v.Problems {
		if problem.Field == "fields."+field.Name {
			view.Problem = problem.Detail
			break
		}
	}
	return view
}

// Target is the id that the error summary leads to: a group's first choice.
func (v fieldView) Target() string {
	if v.Group() {
		return v.ID + "-0"
	}
	return v.ID
}

// Group reports whether the field is several inputs under one legend.
func (v fieldView) Group() bool {
	return v.Type == TypeRadio || (v.Type == TypeCheckbox && len(v.Options) > 0)
}

// Box reports whether the field is one box to tick.
func (v fieldView) Box() bool { return v.Type == TypeCheckbox && len(v.Options) == 0 }

// Value is the first value.
func (v fieldView) Value() string {
	if len(v.Values) == 0 {
		return ""
	}
	return v.Values[0]
}

// Chosen reports whether the option is chosen.
func (v fieldView) Chosen(option string) bool { return slices.Contains(v.Values, option) }

// Checked reports whether the one box is ticked.
func (v fieldView) Checked() bool {
	value, _ := v.value(v.Value())
	return value == Ticked
}

// MaxLength is how many characters the server takes.
func (v fieldView) MaxLength() int { return v.maxLength() }

// Input is the HTML input type.
func (v fieldView) Input() string {
	switch v.Type {
	case TypePhone:
		return "tel"
	case TypeEmail, TypeNumber, TypeDate, TypeFile, TypeHidden:
		return string(v.Type)
	default:
		return "text"
	}
}

// Autocomplete tells browsers and assistive technology what is asked for
// (WCAG 2.2, 1.3.5).
func (v fieldView) Autocomplete() string {
	switch {
	case v.isEmail():
		return "email"
	case v.MapsTo == inbox.MapsToName:
		return "name"
	case v.MapsTo == inbox.MapsToPhone || v.Type == TypePhone:
		return "tel"
	default:
		return ""
	}
}
