package routing_test

import (
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

var (
	mail   = inbox.Identity{Kind: inbox.IdentityEmail, Value: "grace@home.test"}
	number = inbox.Identity{Kind: inbox.IdentityPhone, Value: "+49301234567"}
	cookie = inbox.Identity{Kind: inbox.IdentityCookie, Value: "c00c1e"}
)

func side(id, name string, known ...inbox.Identity) inbox.MergeSide {
	return inbox.MergeSide{Contact: inbox.Contact{ID: id, Name: name, Identities: known}}
}

func gave(side inbox.MergeSide, given ...inbox.Identity) inbox.MergeSide {
	side.Given = given
	return side
}

func TestMergesAreSuggested(t *testing.T) {
	t.Parallel()
	pointed := side("2", "Somebody else", mail)
	pointed.Pointed = true
	for name, test := range map[string]struct {
		contact, other inbox.MergeSide
		want           []inbox.MergeReason
	}{
		"the name alone is not enough": {side("1", "Grace", cookie), side("2", "Grace", mail), nil},
		"the address that one wrote is the other's": {
			gave(side("1", "Grace Hopper", cookie), mail), side("2", " grace  hopper", mail), []inbox.MergeReason{inbox.MergeNameAndAddress}},
		"both wrote the same number": {
			gave(side("1", "Grace"), number), gave(side("2", "Grace"), inbox.Identity{Kind: inbox.IdentityPhone, Value: "0049 30 1234567"}),
			[]inbox.MergeReason{inbox.MergeNameAndAddress}},
		"an address in another case is the same":    {gave(side("1", "Grace"), mail), side("2", "Grace", inbox.Identity{Kind: mail.Kind, Value: "Grace@HOME.test"}), []inbox.MergeReason{inbox.MergeNameAndAddress}},
		"the address with another name":             {gave(side("1", "Ada"), mail), side("2", "Grace", mail), nil},
		"nobody's name is nobody's":                 {gave(side("1", ""), mail), side("2", "", mail), nil},
		"other identities are not addresses":        {gave(side("1", "Grace"), cookie), side("2", "Grace", cookie), nil},
		"an address given as one's own is enough":   {side("1", "Grace", cookie), pointed, []inbox.MergeReason{inbox.MergeAddressGiven}},
		"a number is not an address of other words": {gave(side("1", "Grace"), number), side("2", "Grace", mail), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suggestions := routing.SuggestMerges(test.contact, []inbox.MergeSide{test.other})
			if len(test.want) == 0 && len(suggestions) == 0 {
				return
			}
			if len(suggestions) != 1 || suggestions[0].Contact.ID != "2" || !slices.Equal(suggestions[0].Reasons, test.want) {
				t.Errorf("suggested %+v, want %v", suggestions, test.want)
			}
		})
	}
}

func TestAddressesAndNumbersAreFoundInATextAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]inbox.Identity{
		"Write to Grace@Home.test, please.":        {mail},
		"<grace@home.test>":                        {mail},
		"call +49 (30) 123-45 67 or 0049301234567": {number, number},
		"order 301234567 of 2026-11-16 for 49.90":  nil,
		"me@home": nil,
		"":        nil,
	} {
		if got := routing.AddressesIn(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAMergeCanBeUndoneForThirtyDays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	end := at.AddDate(0, 0, 30)
	for _, test := range []struct {
		now, undone time.Time
		want        inbox.Code
	}{
		{now: at}, {now: end}, {now: end.Add(time.Microsecond), want: inbox.CodeMergeExpired}, {now: at, undone: at, want: inbox.CodeConflict},
	} {
		refusal := routing.UndoMerge(inbox.Merge{At: at, UndoneAt: test.undone}, test.now)
		if refusal == nil && test.want != "" || refusal != nil && refusal.Code != test.want {
			t.Errorf("%v, undone %v: %v, want %q", test.now, test.undone, refusal, test.want)
		}
	}
}
