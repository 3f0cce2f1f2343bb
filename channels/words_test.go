package channels_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"switchboard/channels"
)

// spoken are the languages that everything speaks (C12).
var spoken = []string{"ar", "de", "en", "es", "fr", "pt"}

// eachLanguage runs a test for the words of each channel that has any, in each
// language.
func eachLanguage(t *testing.T, test func(t *testing.T, language string, words, english map[string]string)) {
	t.Helper()
	for _, channel := range []string{"chat", "form"} {
		words := channels.ReadWords(os.DirFS(channel))
		if got := words.Languages(); !slices.Equal(got, spoken) {
			t.Errorf("%s speaks %v", channel, got)
		}
		for _, language := range words.Languages() {
			t.Run(channel+" in "+language, func(t *testing.T) {
				t.Parallel()
				test(t, language, words[language], words[channels.DefaultLanguage])
			})
		}
	}
}

func TestEveryLanguageHasTheSameTextsWithTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	placeholders := func(words map[string]string) map[string][]string {
		all := map[string][]string{}
		for name, text := range words {
			found := placeholder.FindAllString(text, -1)
			slices.Sort(found)
			all[name] = found
		}
		return all
	}
	eachLanguage(t, func(t *testing.T, _ string, words, english map[string]string) {
		for name, text := range words {
			if text == "" {
				t.Errorf("%s is empty", name)
			}
		}
		if !reflect.DeepEqual(placeholders(words), placeholders(english)) {
			t.Error("it has other texts or placeholders than English")
		}
	})
}

func TestNoTextIsLeftInEnglish(t *testing.T) {
	t.Parallel()
	// What a language has from English, or English from it.
	same := map[string][]string{
		"fr": {"conversation", "email", "message"}, "es": {"error_title"}, "pt": {"email"},
	}
	eachLanguage(t, func(t *testing.T, tag string, words, english map[string]string) {
		for name, text := range words {
			if tag != channels.DefaultLanguage && text == english[name] && !slices.Contains(same[tag], name) {
				t.Errorf("%s says %q", name, text)
			}
			if arabic := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }); arabic != (tag == "ar") {
				t.Errorf("%s is in letters of another language: %q", name, text)
			}
		}
	})
}

func TestLanguagesAreWrittenInTheirDirection(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "ltr", "pt-BR": "ltr", "ar": "rtl", "ar-EG": "rtl", "fa": "rtl", "he": "rtl", "az-Arab": "rtl", "": "ltr", "no tag": "ltr",
	} {
		if got := channels.Direction(tag); got != want {
			t.Errorf("%q is written %s, want %s", tag, got, want)
		}
	}
}
