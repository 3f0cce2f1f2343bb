package channels_test

import (
	"testing"

	"switchboard/channels"
)

func TestCleanTextKeepsLinesAndDropsWhatCannotBeStored(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" one\r\ntwo\rthree\n ": "one\ntwo\nthree",
		"nul\x00 and bell\x07":  "nul and bell",
		"broken \xff UTF-8":     "broken \uFFFD UTF-8",
		"tab\tstays":            "tab\tstays",
	} {
		if got := channels.CleanText(in); got != want {
			t.Errorf("CleanText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanLineIsOneLine(t *testing.T) {
	t.Parallel()
	if got := channels.CleanLine("Hello\r\nBcc: eve@example.com\u2028\u202Ex\u2066"); got != "Hello Bcc: eve@example.com x" {
		t.Errorf("got %q", got)
	}
}

func TestValidEmailIsOneBareAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"ada@example.com":           true,
		"ada+help@example.co.uk":    true,
		"Ada <ada@example.com>":     false,
		"<ada@example.com>":         false,
		"ada@example.com, e@x.test": false,
		"ada@example.com\r\nBcc: e": false,
		"ada":                       false,
		"":                          false,
	} {
		if got := channels.ValidEmail(address); got != want {
			t.Errorf("ValidEmail(%q) = %v", address, got)
		}
	}
}

func TestAnAddressWithoutADotInItsDomainIsNotReachable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"ada@example.com": true, "ada@mail.example.com": true,
		"ada@example": false, "ada.lovelace@example": false, "ada@example.com, e@x.test": false, "": false,
	} {
		if got := channels.ReachableEmail(address); got != want {
			t.Errorf("ReachableEmail(%q) = %v", address, got)
		}
	}
}

func TestSafeHTMLKeepsFormattingAndDropsWhatRuns(t *testing.T) {
	t.Parallel()
	const in = `<p onclick="x()">Hello <b>you</b><script>alert(1)</script><a href="javascript:x()">a</a><iframe src="https://x.test"></iframe></p>`
	if got := channels.SafeHTML(in); got != `<p>Hello <b>you</b>a</p>` {
		t.Errorf("got %s", got)
	}
}
