package incoming_test

import (
	"strings"
	"testing"
)

func TestOnlyWhatIsQuotedAtTheEndIsTakenOff(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, headers, text, quoted string }{
		{"nothing quoted", "", "Hello.\n\n--\nGrace", ""},
		{"Gmail, English", "", "Yes.", "On Mon, 23 Nov 2026 at 10:12, Ada <ada@example.com> wrote:\n\n> Does it flicker?"},
		{"Gmail, German, nothing between", "", "Ja.", "Am Mo., 23. Nov. 2026 um 10:12 Uhr schrieb Ada <\nada@example.com>:\n> Flackert sie?"},
		{"Gmail, Japanese", "", "はい。", "2026年11月23日(月) 10:12 Ada <ada@example.com>:\n\n> 点滅しますか"},
		{"Gmail, a language we do not know", "", "Da.", "V pon., 23. nov. 2026 ob 10:12 je Ada\n<ada@example.com> napisala nekaj takega:\n\n> Utripa?"},
		{"Apple Mail, French", "", "Oui.", "> Le 23 nov. 2026 à 10:12, Ada <ada@example.com> a écrit :\n> \n> Est-ce que ça clignote ?"},
		{"Thunderbird", "", "Sì.", "Il 23/11/26 10:12, Ada ha scritto:\n> Lampeggia?"},
		{"Yahoo does not mark", "", "Sí.", "El lunes, 23 de noviembre de 2026, 10:12:00 CET, Ada <ada@example.com> escribió:\n\n Parpadea?"},
		{"Outlook, classic", "", "Yes.", "-----Original Message-----\nFrom: Ada\nSent: Monday, November 23, 2026 10:12\nTo: Grace\nSubject: Lamp\n\nDoes it flicker?"},
		{"Outlook, German", "In-Reply-To: <a@x>\n", "Ja.", "________________________________\nVon: Ada <ada@example.com>\nGesendet: Montag, 23. November 2026 10:12\nAn: Grace\nBetreff: Lampe\n\nFlackert sie?"},
		{"Outlook, by the subject", "Subject: RE: Lamp\n", "Yes.", "From: Ada <ada@example.com>\nSent: Monday, November 23, 2026 10:12\nTo: Grace\nSubject: Lamp\n\nDoes it flicker?\n\n> It does not.\n\nSure?"},
		{"a signature stays", "", "Yes.\n\n-- \nGrace\nSent from my telephone", "On 23 Nov 2026, at 10:12, Ada wrote:\n> Does it flicker?"},
		{"text right above", "", "Yes, all 4.", "On 23 Nov 2026, at 10:12, Ada wrote:\n> Does it flicker?"},
		{"marked lines alone", "", "Yes.", "> Does it flicker?\n>> Hello"},
		{"the last answer is above what is left", "", "On 23 Nov 2026, Ada wrote:\n> Does it flicker?\n\nYes.", "> Best regards\n> Ada"},
		{"answers between, and below", "", "On 23 Nov 2026, Ada wrote:\n> Does it flicker?\n\nYes.\n\n> Since when?\n\nFriday.", ""},
		{"answers between in Outlook", "In-Reply-To: <a@x>\n", "-----Original Message-----\nFrom: Ada\nSent: Monday, November 23, 2026 10:12\nTo: Grace\n\n> Does it flicker?\n\nYes.", ""},
		{"nothing but a quote", "", "> Does it flicker?", ""},
		{"a forward, by its subject", "Subject: WG: Lampe\n", "Bitte.\n\nVon: Ada <ada@example.com>\nGesendet: Montag, 23. November 2026 10:12\nAn: Grace\nBetreff: Lampe\n\nFlackert sie?", ""},
		{"a forward, by its words", "", "Please.\n\n---------- Forwarded message ---------\nFrom: Ada <ada@example.com>\nDate: Mon, 23 Nov 2026 at 10:12\nSubject: Lamp\nTo: <grace@example.org>\n\nOn Sun, 22 Nov 2026 at 10:12, Grace wrote:\n> Hello", ""},
		{"a forward that is marked", "", "Begin forwarded message:\n\n> From: Ada <ada@example.com>\n> Subject: Lamp\n> Date: 23. November 2026 10:12\n> To: Grace\n> \n> Does it flicker?", ""},
		{"an answer to a forward", "Subject: Re: Fwd: Lamp\n", "Yes.", "On Mon, 23 Nov 2026 at 10:12, Ada <ada@example.com> wrote:\n\n> ---------- Forwarded message ---------\n> From: Bob <bob@example.com>\n> Date: Mon, 23 Nov 2026 at 09:00\n> Subject: Lamp\n> To: Ada\n>\n> Hello"},
		{"Outlook, answer or forward, nobody says", "Subject: Lamp\n", "Please.\n\nFrom: Ada <ada@example.com>\nSent: Monday, November 23, 2026 10:12\nTo: Grace\nSubject: Lamp\n\nDoes it flicker?", ""},
		{"no quote: a person tells", "", "On Monday Ada wrote: it flickers.\nI say it does not.", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			whole := strings.TrimSpace(tc.text + "\n\n" + tc.quoted)
			if tc.name == "text right above" || strings.Contains(tc.name, "nothing between") {
				whole = tc.text + "\n" + tc.quoted
			}
			got := readText(t, tc.headers+"Content-Type: text/plain; charset=utf-8\n\n"+whole)
			if got.Text != tc.text || got.Quoted != tc.quoted {
				t.Errorf("text   %q\nquoted %q", got.Text, got.Quoted)
			}
		})
	}
}

func TestQuotedHTMLIsMarkedInText(t *testing.T) {
	t.Parallel()
	got := readText(t, "Content-Type: text/html; charset=utf-8\n\n"+
		`<div>Yes, since <b>Friday</b>.</div><div><br></div><div><blockquote type="cite"><div>On 23. Nov 2026, at 10:12, Ada &lt;a@x.test&gt; wrote:</div><br>`+
		`<div>Does it flicker?<ul><li>the left<li>the right</ul></div><blockquote>Hello</blockquote></blockquote></div>`)
	if got.Text != "Yes, since Friday." {
		t.Errorf("text %q", got.Text)
	}
	if want := "> On 23. Nov 2026, at 10:12, Ada <a@x.test> wrote:\n>\n> Does it flicker?\n>\n> - the left\n> - the right\n>\n> > Hello"; got.Quoted != want {
		t.Errorf("quoted   %q\nexpected %q", got.Quoted, want)
	}
}

func TestFlowedTextIsMadeWhole(t *testing.T) {
	t.Parallel()
	got := read(t, "apple_interleaved.eml")
	if want := "Yes, and it hums."; !strings.Contains(got.Text, want) {
		t.Errorf("text %q", got.Text)
	}
	if got.Quoted != "> Best regards\n> Ada" {
		t.Errorf("quoted %q", got.Quoted)
	}
}
