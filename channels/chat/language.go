package chat

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
	language := texts.ForBrowser(acceptLanguage)
	if s.BrowserLanguage = language != ""; s.BrowserLanguage {
		s.Language = language
	}
	return s
}
