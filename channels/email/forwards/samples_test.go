package forwards_test

import (
	"time"

	"switchboard/channels/email/forwards"
)

// sample is a small forward as one program writes it.
type sample struct {
	name, subject, text string
	want                forwards.Original
}

var samples = []sample{
	{
		name:    "Gmail",
		subject: "Fwd: Broken lamp",
		text: `Can you take this?

---------- Forwarded message ---------
From: Ada Lovelace <Ada@Example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>

It is broken.
Ada
`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "gmail",
			Note: "Can you take this?", Text: "It is broken.\nAda",
		},
	},
	{
		name:    "Gmail translates the sender's label only, and wraps long lines",
		subject: "Fwd: Lampe cassée",
		text: `---------- Forwarded message ---------
De : "Lovelace, Ada" <ada@example.com>
Date: mer. 27 oct. 2021 à 09:31
Subject: Une lampe qui était encore entière hier et qui depuis ce matin ne
l'est plus
To: <shop@example.org>, Charles Babbage <charles@example.org>, Mary Somerville
<mary@example.org>

Elle est cassée.`,
		want: forwards.Original{
			Name: "Lovelace, Ada", Email: "ada@example.com", Program: "gmail",
			Subject: "Une lampe qui était encore entière hier et qui depuis ce matin ne l'est plus", Text: "Elle est cassée.",
		},
	},
	{
		name:    "HubSpot, Japanese",
		subject: "転送: ランプ",
		text: `---------- メッセージを転送 ---------
送信元：Ada Lovelace <ada@example.com>
日付：2022年9月19日月曜日 17:55:44 -0400
件名：ランプ
送信先：shop@example.org

壊れています。`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "ランプ", Program: "gmail",
			At: instant("2022-09-19T17:55:44-04:00"), Text: "壊れています。",
		},
	},
	{
		name:    "Outlook in the web, with a rule above",
		subject: "FW: Broken lamp",
		text: `Can you take this?

________________________________
From: Ada Lovelace <ada@example.com>
Sent: Wednesday, October 27, 2021 15:14
To: shop@example.org <shop@example.org>; Charles Babbage <charles@example.org>
Cc: Mary Somerville <mary@example.org>
Subject: Broken lamp

It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "outlook",
			Note: "Can you take this?", Text: "It is broken.",
		},
	},
	{
		name:    "Outlook, with bold labels, an address twice, and no empty line below",
		subject: "FW: Broken lamp",
		text: `*From:* Ada Lovelace<mailto:ada@example.com> <ada@example.com<mailto:ada@example.com>>
*Sent:* Wednesday, October 27, 2021 15:14
*To:* shop@example.org
*Subject:* ***URGENT*** Broken lamp
It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "***URGENT*** Broken lamp", Program: "outlook", Text: "It is broken.",
		},
	},
	{
		name:    "Outlook 2013, German",
		subject: "WG: Lampe kaputt",
		text: "Bitte übernehmen.\r\n\r\nVon: Ada Lovelace [mailto:ada@example.com]\r\nGesendet: Mittwoch, 27. Oktober 2021 15:14\r\n" +
			"An: shop@example.org\r\nBetreff: Lampe kaputt\r\n\r\nSie ist kaputt.\r\n",
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Lampe kaputt", Program: "outlook",
			Note: "Bitte übernehmen.", Text: "Sie ist kaputt.",
		},
	},
	{
		name:    "Outlook, Norwegian, with a prefix that answers in Finnish",
		subject: "VS: Ødelagt lampe",
		text: `Fra: Ada Lovelace <ada@example.com>
Dato: torsdag, 28. oktober 2021 kl. 12:46
Til: shop@example.org
Emne: Ødelagt lampe

Den er ødelagt.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Ødelagt lampe", Program: "outlook", Text: "Den er ødelagt.",
		},
	},
	{
		name:    "Outlook for Mac 2019",
		subject: "FW: Broken lamp",
		text:    "Can you take this?\r\n\r\n\ufeffOn 28/10/2021 12:46, \"Ada Lovelace\" <ada@example.com> wrote:\r\n\r\n    It is broken.\r\n    Ada\r\n",
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Program: "outlook",
			Note: "Can you take this?", Text: "It is broken.\nAda",
		},
	},
	{
		name:    "Apple Mail",
		subject: "Fwd: Broken lamp",
		text: `Can you take this? They wrote 2 times.
> Begin forwarded message:
>
> From: "Ada Lovelace" <ada@example.com>
> Subject: Broken lamp
> Date: 16 July 2021 at 19:24:14 CEST
> To: shop@example.org
> Reply-To: Ada <ada@home.example>
>
> It is broken.
>
>> It was whole.
`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "apple_mail",
			At:   instant("2021-07-16T19:24:14+02:00"),
			Note: "Can you take this? They wrote 2 times.", Text: "It is broken.\n\n> It was whole.",
		},
	},
	{
		name:    "Apple Mail, Ukrainian, not quoted",
		subject: "Fwd: Лампа",
		text: `Початок листа, що пересилається:

Від кого: Ada Lovelace <ada@example.com>
Тема: Лампа
Дата: 26 жовтня 2021 р. о 14:25:08 GMT+3
Кому: shop@example.org

Зламана.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Лампа", Program: "apple_mail",
			At: instant("2021-10-26T14:25:08+03:00"), Text: "Зламана.",
		},
	},
	{
		name:    "Thunderbird, Italian",
		subject: "Fwd: Lampada rotta",
		text: "Per favore.\n\n-------- Messaggio Inoltrato --------\nOggetto: \tLampada rotta\n" +
			"Data: \tWed, 3 Nov 2021 15:51:30 +0100\nMittente: \tada@example.com\nA: \tshop@example.org\n\n\n\nÈ rotta.\n",
		want: forwards.Original{
			Email: "ada@example.com", Subject: "Lampada rotta", Program: "thunderbird",
			At: instant("2021-11-03T15:51:30+01:00"), Note: "Per favore.", Text: "È rotta.",
		},
	},
	{
		name:    "Thunderbird's table, read cell by cell",
		subject: "Fwd: Broken lamp",
		text:    "-------- Forwarded Message --------\n\nSubject:\nBroken lamp\n\nDate:\nWed, 3 Nov 2021 15:51:30 +0100\n\nFrom:\nAda Lovelace <ada@example.com>\n\nTo:\nshop@example.org\n\nIt is broken.",
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "thunderbird",
			At: instant("2021-11-03T15:51:30+01:00"), Text: "It is broken.",
		},
	},
	{
		name:    "Yahoo, in one line, Polish labels",
		subject: "Fwd: Zepsuta lampa",
		text: "   ----- Wiadomość przesłana dalej ----- Od: Ada Lovelace <ada@example.com>Do: \"shop@example.org\" <shop@example.org>" +
			"Wysłano: wtorek, 2 listopada 2021 09:26:50 CETTemat: Zepsuta (do: naprawy)\n Zepsuta.\n",
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Zepsuta (do: naprawy)", Program: "yahoo",
			At: instant("2021-11-02T09:26:50+01:00"), Text: "Zepsuta.",
		},
	},
	{
		name:    "Yahoo, a line for each field, Spanish",
		subject: "Rv: Lámpara rota",
		text: `----- Mensaje reenviado -----
De: Ada Lovelace <ada@example.com>
Para: "shop@example.org" <shop@example.org>
Enviado: martes, 2 de noviembre de 2021 09:26:50 PM GMT+1
Asunto: Lámpara rota

Está rota.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Lámpara rota", Program: "yahoo",
			At: instant("2021-11-02T21:26:50+01:00"), Text: "Está rota.",
		},
	},
	{
		name:    "MailMate",
		subject: "Fwd: Broken lamp",
		text: `Forwarded message:

> From: Ada Lovelace <ada@example.com>
> To: shop@example.org
> Subject: Broken lamp
> Date: Wed, 27 Oct 2021 09:31:00 +0000
>
> It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "mailmate",
			At: instant("2021-10-27T09:31:00Z"), Text: "It is broken.",
		},
	},
	{
		name:    "Missive quotes the message alone",
		subject: "Fwd: Broken lamp",
		text: `---------- Forwarded message ----------
From: Ada Lovelace <ada@example.com<mailto:ada@example.com>>
Date: July 19, 2022 at 3:36 PM
To: <shop@example.org>
Subject: Broken lamp

> It is broken.
>
> Ada
>`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "gmail",
			Text: "It is broken.\n\nAda",
		},
	},
	{
		name:    "IONOS",
		subject: "Fwd: Broken lamp",
		text: `Can you take this?
> ---------- Original Message ----------
> From: Ada Lovelace <ada@example.com>
> To: "shop@example.org" <shop@example.org>
> Date: 02/10/2023 4:52 PM EST
> Subject: Broken lamp
>
> It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "ionos",
			Note: "Can you take this?", Text: "It is broken.",
		},
	},
	{
		name:    "Of nested forwards the outermost, whatever its program",
		subject: "Fwd: Fwd: Broken lamp",
		text: `---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Fwd: Broken lamp
To: <shop@example.org>

Begin forwarded message:

From: Charles Babbage <charles@example.net>
Subject: Broken lamp
Date: 16 July 2021 at 19:24:14 CEST
To: Ada Lovelace <ada@example.com>

It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Fwd: Broken lamp", Program: "gmail",
			Text: "Begin forwarded message:\n\nFrom: Charles Babbage <charles@example.net>\nSubject: Broken lamp\n" +
				"Date: 16 July 2021 at 19:24:14 CEST\nTo: Ada Lovelace <ada@example.com>\n\nIt is broken.",
		},
	},
	{
		name:    "Of nested forwards the outermost, though only the inner one says that it is a forward",
		subject: "FW: Broken lamp",
		text: `Can you take this?

From: Ada Lovelace <ada@example.com>
Sent: Wednesday, October 27, 2021 15:14
To: shop@example.org
Subject: Fwd: Broken lamp

---------- Forwarded message ---------
From: Charles Babbage <charles@example.net>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: Ada Lovelace <ada@example.com>

It is broken.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Fwd: Broken lamp", Program: "outlook", Note: "Can you take this?",
			Text: "---------- Forwarded message ---------\nFrom: Charles Babbage <charles@example.net>\nDate: Wed, Oct 27, 2021 at 9:31 AM\n" +
				"Subject: Broken lamp\nTo: Ada Lovelace <ada@example.com>\n\nIt is broken.",
		},
	},
	{
		name:    "An address in the note does not win",
		subject: "Fwd: Broken lamp",
		text: `Please write to charles@example.net as well.
From: charles@example.net, they said

---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>

My other address is ada@home.example.`,
		want: forwards.Original{
			Name: "Ada Lovelace", Email: "ada@example.com", Subject: "Broken lamp", Program: "gmail",
			Note: "Please write to charles@example.net as well.\nFrom: charles@example.net, they said",
			Text: "My other address is ada@home.example.",
		},
	},
}

func instant(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at
}

// doubts are mails that have to stay their sender's.
var doubts = []sample{
	{name: "no forward at all", subject: "Broken lamp", text: "It is broken.\n\nAda <ada@example.com>"},
	{name: "an address in the text of a forward", subject: "Fwd: Broken lamp", text: "Ada (ada@example.com) says:\n\nIt is broken."},
	{name: "an answer in Gmail", subject: "Re: Broken lamp", text: `Thanks!

On Wed, Oct 27, 2021 at 9:31 AM Ada Lovelace <ada@example.com>
wrote:

> It is broken.`},
	{name: "a line as above an answer, in a forward", subject: "Fwd: Broken lamp", text: `On 27 Oct 2021, at 9:31, Ada Lovelace <ada@example.com> wrote:

> It is broken.`},
	{name: "a line as above an answer, without a verb", subject: "Fwd: ランプ", text: `2021年10月27日(水) 9:31 Ada Lovelace <ada@example.com>:

> Begin forwarded message:
>
> From: Charles Babbage <charles@example.net>
> Date: 16 July 2021 at 19:24:14 CEST
> Subject: Broken lamp`},
	{name: "the line of Outlook for Mac, without its indentation", subject: "Fwd: Broken lamp", text: `On 28/10/2021 12:46, "Ada Lovelace" <ada@example.com> wrote:

It is broken.`},
	{name: "an answer in Outlook", subject: "AW: Lampe kaputt", text: `Danke!

Von: Ada Lovelace <ada@example.com>
Gesendet: Mittwoch, 27. Oktober 2021 15:14
An: shop@example.org
Betreff: Lampe kaputt

Sie ist kaputt.`},
	{name: "an answer in Outlook with a subject of its own", subject: "One more thing", text: `Thanks!

-----Original Message-----
From: Ada Lovelace <ada@example.com>
Sent: Wednesday, October 27, 2021 15:14
To: shop@example.org
Subject: Broken lamp

It is broken.`},
	{name: "an answer in Finnish, with a prefix that forwards in Norwegian", subject: "VS: Lamppu rikki", text: `Lähettäjä: Ada Lovelace <ada@example.com>
Lähetetty: torstaina 28. lokakuuta 2021 12.06
Vastaanottaja: shop@example.org
Aihe: Lamppu rikki

Se on rikki.`},
	{name: "a prefix that forwards in one language and answers in another", subject: "VS: Broken lamp", text: `From: Ada Lovelace <ada@example.com>
Sent: Wednesday, October 27, 2021 15:14
To: shop@example.org
Subject: Broken lamp

It is broken.`},
	{name: "an answer to a forward", subject: "Re: Fwd: Broken lamp", text: `Thanks!

> ---------- Forwarded message ---------
> From: Ada Lovelace <ada@example.com>
> Date: Wed, Oct 27, 2021 at 9:31 AM
> Subject: Broken lamp
> To: <shop@example.org>
>
> It is broken.`},
	{name: "an answer to a forward, not quoted", subject: "Re: Fwd: Broken lamp", text: `Thanks!

---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>

It is broken.`},
	{name: "a forward within a quotation within a quotation", subject: "Fwd: Broken lamp", text: `See below.

>> Begin forwarded message:
>>
>> From: Ada Lovelace <ada@example.com>
>> Subject: Broken lamp
>> Date: 16 July 2021 at 19:24:14 CEST`},
	{name: "a forward within a quotation", subject: "Fwd: Broken lamp", text: `See below.

> ---------- Forwarded message ---------
> From: Ada Lovelace <ada@example.com>
> Date: Wed, Oct 27, 2021 at 9:31 AM
> Subject: Broken lamp
> To: <shop@example.org>
>
> It is broken.`},
	{name: "a block below an answered message", subject: "Fwd: Broken lamp", text: `On Wed, Oct 27, 2021 at 9:31 AM Charles Babbage <charles@example.net> wrote:

---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>

It is broken.`},
	{name: "a sender without an address", subject: "FW: Broken lamp", text: `-----Original Message-----
From: Ada Lovelace
Sent: 23 July 2022 07:53
To: Charles Babbage
Subject: Broken lamp

Write to ada@example.com.

-----Original Message-----
From: Charles Babbage <charles@example.net>
Sent: 22 July 2022 07:53
To: Ada Lovelace
Subject: Broken lamp`},
	{name: "somebody on behalf of somebody else", subject: "FW: Broken lamp", text: `From: lists@example.net <lists@example.net> on behalf of Ada Lovelace <ada@example.com>
Sent: Wednesday, October 27, 2021 15:14
To: shop@example.org
Subject: Broken lamp`},
	{name: "a name that is another address", subject: "Fwd: Broken lamp", text: `---------- Forwarded message ---------
From: "ada@example.com" <charles@example.net>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>`},
	{name: "two senders", subject: "Fwd: Broken lamp", text: `---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
From: Charles Babbage <charles@example.net>
Subject: Broken lamp
To: <shop@example.org>`},
	{name: "a block that was taken out", subject: "Fwd: Broken lamp", text: `---------- Forwarded message ---------

It is broken.

---------- Forwarded message ---------
From: Ada Lovelace <ada@example.com>
Date: Wed, Oct 27, 2021 at 9:31 AM
Subject: Broken lamp
To: <shop@example.org>`},
	{name: "a form that somebody filled in", subject: "Fwd: Your request", text: "From: ada@example.com\nMessage: It is broken.\n"},
}
