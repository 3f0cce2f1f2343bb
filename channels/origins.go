package channels

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"switchboard/inbox"
)

// Origins are the websites a form or a chat may be embedded in, as browsers
// write them: "https://www.example.com". None is every website.
type Origins []string

// Check returns the origins normalised: lower case, each once.
func (o Origins) Check() (Origins, error) {
	checked := Origins{}
	for _, origin := range o {
		origin = asBrowsersWrite(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(origin)), "/"))
		parsed, err := url.Parse(origin)
		if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || !plainHost(parsed) ||
			origin != parsed.Scheme+"://"+parsed.Host {
			return nil, inbox.Invalid("settings.allowed_origins",
				"An origin is a scheme and a host, such as https://www.example.com.")
		}
		if !slices.Contains(checked, origin) {
			checked = append(checked, origin)
		}
	}
	return checked, nil
}

// asBrowsersWrite leaves out the port that is meant without one, and writes names in
// other scripts as they are looked up.
func asBrowsersWrite(origin string) string {
	parsed, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	origin = strings.TrimSuffix(origin, map[string]string{"http": ":80", "https": ":443"}[parsed.Scheme])
	if ascii, err := idna.Lookup.ToASCII(parsed.Hostname()); err == nil && ascii != parsed.Hostname() {
		origin = strings.Replace(origin, parsed.Hostname(), ascii, 1)
	}
	return origin
}

// plainHost keeps out what has a meaning in the Content-Security-Policy header,
// into which origins are written.
func plainHost(u *url.URL) bool {
	return u.Hostname() != "" && !strings.ContainsAny(u.Host, " \t\r\n;,'\"*")
}

// Allow reports whether a browser may use the channel from the origin.
func (o Origins) Allow(origin string) bool {
	return len(o) == 0 || slices.Contains(o, strings.ToLower(origin))
}
