package chat_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

func TestEveryLanguageHasTheSameTextsWithTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("texts/*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("languages %v, %v", files, err)
	}
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	var english map[string][]string
	for _, file := range append([]string{"texts/en.json"}, files...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		placeholders := map[string][]string{}
		for name, text := range words {
			if text == "" {
				t.Errorf("%s: %s is empty", file, name)
			}
			found := placeholder.FindAllString(text, -1)
			slices.Sort(found)
			placeholders[name] = found
		}
		if english == nil {
			english = placeholders
		}
		if !reflect.DeepEqual(placeholders, english) {
			t.Errorf("%s has other texts or placeholders than English", file)
		}
	}
}
