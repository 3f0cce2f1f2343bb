package channels

import (
	"maps"
	"regexp"
	"slices"

	"switchboard/inbox"
)

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// Placeholders lists the names in a template's text, each once.
func Placeholders(body string) []string {
	names := []string{}
	for _, match := range placeholder.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

// FillTemplate returns what the contact reads. A placeholder without a value, and a
// value without a placeholder, are CodeInvalid.
func FillTemplate(t inbox.ApprovedTemplate, variables map[string]string) (string, error) {
	for _, name := range t.Variables {
		if CleanLine(variables[name]) == "" {
			return "", inbox.Invalid("template.variables."+name, "The template needs a value here.")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !slices.Contains(t.Variables, name) {
			return "", inbox.Invalid("template.variables."+name, "The template has no such placeholder.")
		}
	}
	return placeholder.ReplaceAllStringFunc(t.Body, func(found string) string {
		return variables[placeholder.FindStringSubmatch(found)[1]]
	}), nil
}
