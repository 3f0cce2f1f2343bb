package chat

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

const defaultLanguage = "en"

// Names of texts the server uses itself; the widget uses the others.
const (
	textAway       = "away"
	textOutside    = "outside_hours"
	textReturns    = "returns_at"
	textTitle      = "title"
	textReplyAfter = "reply_time_"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are the widget's own words by language and name (C12). A language is
// one file.
var texts = readTexts(textFiles)

func readTexts(files fs.FS) map[string]map[string]string {
	names, err := fs.Glob(files, "texts/*.json")
	if err != nil {
		panic(fmt.Sprintf("list widget texts: %v", err))
	}
	read := map[string]map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			panic(fmt.Sprintf("read widget texts: %v", err))
		}
		var words map[string]string
		if err := json.Unmarshal(raw, &words); err != nil {
			panic(fmt.Sprintf("read widget texts %s: %v", name, err))
		}
		read[strings.TrimSuffix(path.Base(name), ".json")] = words
	}
	return read
}

// Languages are the languages the widget speaks.
func Languages() []string { return slices.Sorted(maps.Keys(texts)) }
