package channels

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// DefaultLanguage is spoken where nothing else is asked for.
const DefaultLanguage = "en"

// LanguageField is the hidden field of a message that says in which language the
// channel spoke to its author.
const LanguageField = "language"

// Words are what a channel says to people outside that nobody of the team wrote, by
// language and name (C12).
type Words map[string]map[string]string

// ReadWords reads the files texts/*.json, each one language. They are part of the
// program: it panics when they cannot be read.
func ReadWords(files fs.FS) Words {
	names, err := fs.Glob(files, "texts/*.json")
	if err != nil {
		panic(fmt.Sprintf("list texts: %v", err))
	}
	words := Words{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			panic(fmt.Sprintf("read texts: %v", err))
		}
		var said map[string]string
		if err := json.Unmarshal(raw, &said); err != nil {
			panic(fmt.Sprintf("read texts %s: %v", name, err))
		}
		words[strings.TrimSuffix(path.Base(name), ".json")] = said
	}
	return words
}

// Languages are the languages there are words in.
func (w Words) Languages() []string { return slices.Sorted(maps.Keys(w)) }

// ForBrowser returns the first language there are words in of those that a browser
// asks for (Accept-Language), "" when there is none.
func (w Words) ForBrowser(acceptLanguage string) string {
	wanted, weights, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil { // a browser that cannot say it is asked nothing more
		return ""
	}
	for i, tag := range wanted {
		if base, _ := tag.Base(); weights[i] > 0 && w[base.String()] != nil {
			return base.String()
		}
	}
	return ""
}

// Direction is that in which the language of a BCP 47 tag is written, as HTML's dir
// says it.
func Direction(tag string) string {
	switch script, _ := language.Make(tag).Script(); script.String() {
	case "Arab", "Hebr":
		return "rtl"
	default:
		return "ltr"
	}
}
