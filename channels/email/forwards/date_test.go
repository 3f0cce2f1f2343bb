package forwards

import (
	"testing"
	"time"
)

func TestDatesAreReadWhenTheyAreOneInstant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		// label is one from the same block.
		label, value, want string
	}{
		{"From", "Wed, 3 Nov 2021 15:51:30 +0100", "2021-11-03T15:51:30+01:00"},
		{"From", "Wed, 3 Nov 2021 15:51:30 +0100 (CET)", "2021-11-03T15:51:30+01:00"},
		{"From", "Tuesday, November 2, 2021, 09:26:50 AM GMT+1", "2021-11-02T09:26:50+01:00"},
		{"From", "Tuesday, November 2, 2021, 12:05 AM GMT+5:30", "2021-11-02T00:05:00+05:30"},
		{"From", "Tuesday, November 2, 2021, 12:05 p.m. EST", "2021-11-02T12:05:00-05:00"},
		{"Asunto", "martes, 2 de noviembre de 2021 09:26:50 CET", "2021-11-02T09:26:50+01:00"},
		{"Lähettäjä", "torstaina 4. marraskuuta 2021 klo 9.26.50 GMT+2", "2021-11-04T09:26:50+02:00"},
		{"Předmět", "úterý 2. listopadu 2021 09:26:50 SEČ", "2021-11-02T09:26:50+01:00"},
		{"Feladó", "2021. október 26. 14:25:08 EEST", "2021-10-26T14:25:08+03:00"},
		{"Konu", "2 Kasım 2021 Salı 09:26:50 GMT+1", "2021-11-02T09:26:50+01:00"},
		{"件名", "2022年9月19日月曜日 17:55:44 -0400", "2022-09-19T17:55:44-04:00"},
		{"Тема", "26 октября 2021\u00a0г. в 14:25:08 GMT+3", "2021-10-26T14:25:08+03:00"},
		// Gmail translates the sender's label only.
		{"Oggetto", "Wed, 3 Nov 2021 15:51:30 +0100", "2021-11-03T15:51:30+01:00"},

		{"From", "Wed, Oct 27, 2021 at 9:31 AM", ""},
		{"From", "02/10/2023 4:52 PM EST", ""},
		{"From", "Wed, 3 Nov 2021 15:51:30 CST", ""},
		{"From", "Wed, 31 Feb 2021 15:51:30 +0100", ""},
		{"From", "Wed, 3 Nov 2021 25:51:30 +0100", ""},
		{"From", "yesterday", ""},
		{"件名", "2022年13月19日 17:55:44 -0400", ""},
		// The same name is October in Croatian, and November in Polish.
		{"Od", "2. listopada 2021 09:26:50 CET", ""},
	} {
		got := readDate(test.value, vocabulary.written[fold(test.label)])
		var want time.Time
		if test.want != "" {
			var err error
			if want, err = time.Parse(time.RFC3339, test.want); err != nil {
				t.Fatal(err)
			}
		}
		if !got.Equal(want) {
			t.Errorf("%s: read as %v", test.value, got)
		}
	}
}
