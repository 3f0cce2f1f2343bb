package channels_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"switchboard/channels"
)

// deceptions are names that would be shown as others, and what they are.
var deceptions = map[string]string{
	"invoice\u202Egpj.exe":                       "invoicegpj.exe",
	"invoice\u2067gpj.exe\u2069":                 "invoicegpj.exe",
	"\u200Ebill\u200F\u061C.pdf":                 "bill.pdf",
	"bi\u200Bll\uFEFF.p\u2060df":                 "bill.pdf",
	"bill.pdf\r\nBcc: eve@x.test":                "bill.pdf Bcc: eve@x.test",
	"bill\x00.pdf\x1b[31m":                       "bill.pdf[31m",
	"bill\u00AD.pdf\u2028x":                      "bill.pdf x",
	"bill\U000E0041\u3164\u115F.pdf":             "bill.pdf",
	"bill.pdf\u00A0\u2003 .exe":                  "bill.pdf .exe",
	"\u05D7\u05E9\u05D1\u05D5\u05DF":             "\u05D7\u05E9\u05D1\u05D5\u05DF",
	"\u0641\u0627\u062A\u0648\u0631\u0629.pdf":   "\u0641\u0627\u062A\u0648\u0631\u0629.pdf",
	"\u0639\u0644\u06CC\u200C\u0631\u0636\u0627": "\u0639\u0644\u06CC\u200C\u0631\u0636\u0627", // Alireza, in Persian
	"bi\u200Cll\u200D.pdf\u200C":                 "bill.pdf",
	"\u0639\u200C\u200C\u0639\u200C":             "\u0639\u0639",
	"Zoë Müller":                                 "Zoë Müller",
	"请求书 🧾.pdf":                                  "请求书 🧾.pdf",
	"\u202E\u200B\u2066":                         "",
	"broken\xff":                                 "broken\uFFFD",
}

func TestANameIsShownAsItIs(t *testing.T) {
	t.Parallel()
	for in, want := range deceptions {
		if got := channels.CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
		if got := channels.CleanFileName(in); got != want {
			t.Errorf("CleanFileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAPersonsNameIsShort(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		strings.Repeat("é", 201):              strings.Repeat("é", 200),
		strings.Repeat("\u0639\u200C", 150):   strings.Repeat("\u0639\u200C", 99) + "\u0639",
		strings.Repeat("é", 199) + " more":    strings.Repeat("é", 199),
		"AC/DC":                               "AC/DC",
		"Dr. Grace Hopper, \u202Bגרייס\u202C": "Dr. Grace Hopper, גרייס",
	} {
		if got := channels.CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAFilesNameHasNoFoldersAndKeepsItsExtension(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"../../etc/passwd":                "passwd",
		`C:\Users\grace\lamp.jpg`:         "lamp.jpg",
		"..":                              "",
		"/":                               "",
		"":                                "",
		" . ":                             "",
		".htaccess":                       "htaccess",
		"run.exe. ":                       "run.exe",
		"a/\u200B/..":                     "",
		"..\u202E/..\u202E/x":             "x",
		"a\u2060/b":                       "b",
		strings.Repeat("x", 300) + ".pdf": strings.Repeat("x", 196) + ".pdf",
		strings.Repeat("é", 300) + ".pdf": strings.Repeat("é", 98) + ".pdf",
		"x." + strings.Repeat("y", 300):   "x." + strings.Repeat("y", 198),
		strings.Repeat("x", 195) + ". y" + "." + strings.Repeat("z", 19): strings.Repeat("x", 180) + "." + strings.Repeat("z", 19),
	} {
		if got := channels.CleanFileName(in); got != want {
			t.Errorf("CleanFileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for in := range deceptions {
		f.Add(in)
	}
	f.Add(strings.Repeat("é./ ", 100))
	f.Fuzz(func(t *testing.T, in string) {
		name, file := channels.CleanName(in), channels.CleanFileName(in)
		for what, got := range map[string]string{"name": name, "file": file} {
			if !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.ContainsFunc(got, func(r rune) bool {
				joiner := r == '\u200C' || r == '\u200D' // only where the scripts need them; cleaned twice below
				return !joiner && (!unicode.IsPrint(r) || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point))
			}) {
				t.Errorf("%s %q of %q", what, got, in)
			}
		}
		if utf8.RuneCountInString(name) > 200 || len(file) > 200 || strings.ContainsAny(file, `/\`) || strings.HasPrefix(file, ".") {
			t.Errorf("name %q, file %q", name, file)
		}
		if channels.CleanName(name) != name || channels.CleanFileName(file) != file {
			t.Errorf("cleaned twice is another: %q, %q", name, file)
		}
	})
}
