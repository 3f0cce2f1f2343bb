package emulate

import (
	"net/http"
	"net/url"
	"testing"
)

// Consent does what a person does in the browser at authURL, Google's or
// Entra's: picks the account with this address and agrees. It returns where the
// browser is sent then, our callback with its code and state. The application
// and its callback have to be in the seed's oauth_clients.
func (s *Server) Consent(t testing.TB, authURL, email string) string {
	t.Helper()
	page, err := http.Get(authURL)
	if err != nil {
		t.Fatalf("open the consent page: %v", err)
	}
	_ = page.Body.Close()
	if page.StatusCode != http.StatusOK {
		t.Fatalf("the consent page says %s: is the application seeded?", page.Status)
	}
	form := page.Request.URL.Query()
	form.Set("email", email)
	target := url.URL{Scheme: "http", Host: page.Request.URL.Host, Path: page.Request.URL.Path + "/callback"}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	agreed, err := browser.PostForm(target.String(), form)
	if err != nil {
		t.Fatalf("consent: %v", err)
	}
	_ = agreed.Body.Close()
	location := agreed.Header.Get("Location")
	if agreed.StatusCode != http.StatusFound || location == "" {
		t.Fatalf("consent was answered with %s", agreed.Status)
	}
	return location
}
