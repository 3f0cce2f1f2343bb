package chat

import "golang.org/x/text/language"

// HasLanguage reports whether the widget speaks a language.
func HasLanguage(language string) bool { return texts[language] != nil }

// ForBrowser returns the settings for a visitor whose browser asks for these
// languages (Accept-Language): in the first that the widget speaks, when the
// settings follow the browser. Otherwise they do not follow it any more: the
// chatflow's language or their own stands (C12).
func (s Settings) ForBrowser(acceptLanguage string) Settings {
	if !s.BrowserLanguage {
		return s
	}
	s.BrowserLanguage = false
	wanted, weights, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil { // a browser that cannot say it is asked nothing more
		return s
	}
	for i, tag := range wanted {
		if base, _ := tag.Base(); weights[i] > 0 && HasLanguage(base.String()) {
			s.Language, s.BrowserLanguage = base.String(), true
			return s
		}
	}
	return s
}
