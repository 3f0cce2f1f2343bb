package journal

import (
	_ "embed"
	"html/template"
)

//go:embed page.html
var pageHTML string

// Page returns the page that lists entries for people. content defines the templates
// "title", "about", "entry" and, for when there are no entries, "none", with funcs.
func Page(content string, funcs template.FuncMap) *template.Template {
	page := template.Must(template.New("page").Funcs(funcs).Parse(content))
	return template.Must(page.Parse(pageHTML))
}
