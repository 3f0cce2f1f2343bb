package form

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"slices"
	"strings"

	"switchboard/channels"
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
	// Language is that of the page's own words; "" is the settings'.
	Language string
	// Action is the path that takes the post.
	Action string
	// SubmissionID makes a post that is sent twice one submission.
	SubmissionID string
	// Answers and Problems are those of the post that was refused; none at first.
	Answers
	Problems Problems
}

// WritePage writes the form.
func WritePage(w io.Writer, page Page) error {
	view := pageView{Page: page, frame: frameOf(page.Settings, page.Language)}
	view.Intro, view.Submit = view.said(page.Settings.Intro, ""), view.said(page.Settings.SubmitLabel, "submit")
	known := map[string]int{}
	for i, field := range page.Settings.Fields {
		view.Fields = append(view.Fields, view.field(field))
		view.Multipart = view.Multipart || field.Type == TypeFile
		if field.Type != TypeHidden {
			known["fields."+field.Name] = i
		}
	}
	for _, problem := range page.Problems {
		line := summaryLine{Text: problem.In(view.Lang)}
		if i, ok := known[problem.refusal.Field]; ok {
			line.Label, line.ID = view.Fields[i].Said, view.Fields[i].Target()
		}
		view.Summary = append(view.Summary, line)
	}
	if len(view.Summary) > 0 {
		view.Title = strings.ReplaceAll(view.Words["error_title"], "{title}", view.Title)
	}
	return pages.ExecuteTemplate(w, "form", view)
}

// WriteThanks writes what people see after they sent the form.
func WriteThanks(w io.Writer, settings Settings, language string) error {
	view := noticeView{frame: frameOf(settings, language)}
	view.Text = view.said(settings.ThankYou, "thank_you")
	return pages.ExecuteTemplate(w, "notice", view)
}

// WriteRefusal writes why nothing was shown or taken, in words for people: what
// programs are told would not help them.
func WriteRefusal(w io.Writer, settings Settings, language string, refused error) error {
	view := noticeView{frame: frameOf(settings, language)}
	text := cmp.Or(view.Words["refused_"+string(inbox.CodeOf(refused))], view.Words["refused"])
	if problem, ok := errors.AsType[Problem](refused); ok {
		text = problem.In(view.Lang)
	}
	view.Text = said{Text: text}
	return pages.ExecuteTemplate(w, "notice", view)
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

// frame is what every page has.
type frame struct {
	Lang, Dir string
	CSS       template.CSS
	// Title is the window's.
	Title   string
	Heading said
	Words   map[string]string
	// TeamLang is the language of what the team wrote, "" when it is the page's.
	TeamLang string
}

// said is a text on the page, in Lang when that is not the page's language.
type said struct{ Text, Lang string }

func frameOf(settings Settings, language string) frame {
	f := frame{Lang: cmp.Or(language, settings.Language, channels.DefaultLanguage), CSS: template.CSS(pageCSS)}
	f.Dir, f.Words = channels.Direction(f.Lang), wordsOf(f.Lang)
	if settings.Language != f.Lang {
		f.TeamLang = settings.Language
	}
	f.Heading = f.said(settings.Title, "")
	f.Title = cmp.Or(settings.Title, f.Words["title"])
	return f
}

// said is what the team wrote, or else the page's own words.
func (f frame) said(text, words string) said {
	if text == "" {
		return said{Text: f.Words[words]}
	}
	return said{text, f.TeamLang}
}

type noticeView struct {
	frame
	Text said
}

type pageView struct {
	Page
	frame
	Multipart bool
	Intro     said
	Fields    []fieldView
	Submit    said
	Summary   []summaryLine
}

type summaryLine struct {
	Label    said
	ID, Text string
}

type fieldView struct {
	Field
	ID string
	// Said is the label.
	Said    said
	Words   map[string]string
	Values  []string
	Problem string
	// TeamLang is the language of the options and the placeholder, "" when it is the
	// page's.
	TeamLang string
	// Again is set after a refused post, which loses the chosen files.
	Again bool
}

func (v pageView) field(field Field) fieldView {
	view := fieldView{
		Field: field, ID: "field-" + field.Name, Said: v.said(field.Label, field.ownLabel()), Words: v.Words,
		Values: v.Values[field.Name], TeamLang: v.TeamLang, Again: len(v.Problems) > 0,
	}
	view.Said.Text = cmp.Or(view.Said.Text, field.Name)
	if v.Page.Values == nil && field.Default != "" {
		view.Values = []string{field.Default}
	}
	for _, problem := range v.Problems {
		if problem.refusal.Field == "fields."+field.Name {
			view.Problem = problem.In(v.Lang)
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
