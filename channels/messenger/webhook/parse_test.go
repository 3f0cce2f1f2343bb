package webhook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/channels/messenger/webhook"
	"switchboard/inbox"
)

const (
	page    = "1906385232743451"
	contact = "2593473740000001"
	written = int64(1796123456789)
)

var writtenAt = time.UnixMilli(written).UTC()

// body is a delivery with items of one list of an entry.
func body(list string, items ...string) []byte {
	return fmt.Appendf(nil, `{"object":"page","entry":[{"id":%q,"time":%d,%q:[%s]}]}`, page, written+5, list, strings.Join(items, ","))
}

// fromContact is an item that the contact caused.
func fromContact(what string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,%s}`, contact, page, written, what)
}

// fromPage is an item that the page caused.
func fromPage(what string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,%s}`, page, contact, written, what)
}

func TestEveryKindOfItemIsRead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		item string
		want webhook.Item
	}{
		"a text": {
			fromContact(`"message":{"mid":"m_1","text":"Hello"}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Text: "Hello"}},
		},
		"a quick reply that answers a message": {
			fromContact(`"message":{"mid":"m_1","text":"Yes","quick_reply":{"payload":"YES"},"reply_to":{"mid":"m_0"}}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Text: "Yes", Payload: "YES", InReplyTo: "m_0"}},
		},
		"files": {
			fromContact(`"message":{"mid":"m_1","attachments":[{"type":"image","payload":{"url":"https://cdn.example/a/pump.jpg?x=1","sticker_id":5}},` +
				`{"type":"file","payload":{"url":"https://cdn.example/download"}}]}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Files: []inbox.RemoteFile{
				{URL: "https://cdn.example/a/pump.jpg?x=1", Name: "pump.jpg"}, {URL: "https://cdn.example/download"},
			}}},
		},
		"a shared link": {
			fromContact(`"message":{"mid":"m_1","text":"See","attachments":[{"type":"fallback","title":"Pumps","url":"https://example.com/p","payload":null}]}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Text: "See\nPumps https://example.com/p"}},
		},
		"a place": {
			fromContact(`"message":{"mid":"m_1","attachments":[{"type":"location","title":"Home","payload":{"coordinates":{"lat":52.5,"long":13.25}}}]}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Text: "Home 52.5, 13.25"}},
		},
		"a message without content": {
			fromContact(`"message":{"mid":"m_1","is_unsupported":true}`),
			webhook.Item{Message: &webhook.Message{ID: "m_1", Text: "[A message of a kind that Facebook does not pass on]"}},
		},
		"a postback": {
			fromContact(`"postback":{"mid":"m_2","title":"Get started","payload":"GET_STARTED","referral":{"ref":"x","source":"SHORTLINK","type":"OPEN_THREAD"}}`),
			webhook.Item{Message: &webhook.Message{ID: "m_2", Text: "Get started", Payload: "GET_STARTED"}},
		},
		"an echo of ours": {
			fromPage(`"message":{"mid":"m_3","text":"Hi","is_echo":true,"app_id":4711,"metadata":"0199"}`),
			webhook.Item{Echo: &webhook.Echo{Message: webhook.Message{ID: "m_3", Text: "Hi"}, AppID: "4711", Metadata: "0199"}},
		},
		"an echo of the page's inbox": {
			fromPage(`"message":{"mid":"m_3","text":"Hi","is_echo":true}`),
			webhook.Item{Echo: &webhook.Echo{Message: webhook.Message{ID: "m_3", Text: "Hi"}}},
		},
		"a reaction": {
			fromContact(`"reaction":{"reaction":"love","emoji":"❤","action":"react","mid":"m_0"}`),
			webhook.Item{Reaction: &webhook.Reaction{}},
		},
		"a reaction taken back": {
			fromContact(`"reaction":{"action":"unreact","mid":"m_0"}`),
			webhook.Item{Reaction: &webhook.Reaction{Removed: true}},
		},
		"a referral": {
			fromContact(`"referral":{"ref":"x","source":"SHORTLINK","type":"OPEN_THREAD"}`),
			webhook.Item{Referral: &webhook.Referral{}},
		},
		"a delivery": {
			fromContact(fmt.Sprintf(`"delivery":{"mids":["m_8"],"watermark":%d}`, written)),
			webhook.Item{Delivered: &webhook.Delivered{MessageIDs: []string{"m_8"}, Watermark: writtenAt}},
		},
		"reading": {
			fromContact(fmt.Sprintf(`"read":{"watermark":%d}`, written)),
			webhook.Item{Read: &webhook.Read{Watermark: writtenAt}},
		},
	}
	for name, c := range cases {
		for _, list := range []string{"messaging", "standby"} {
			t.Run(name+" in "+list, func(t *testing.T) {
				t.Parallel()
				got, err := webhook.Parse(body(list, c.item))
				require.NoError(t, err)
				require.Len(t, got, 1)
				want := c.want
				want.PageID, want.ContactID, want.At, want.Standby = page, contact, writtenAt, list == "standby"
				again, err := webhook.Parse(got[0].Raw)
				require.NoError(t, err, "what is kept of an item can be read again")
				assert.Equal(t, got, again)
				want.Raw = got[0].Raw
				assert.Equal(t, want, got[0])
			})
		}
	}
}

func TestAPostbackWithoutAnIDIsKnownAgain(t *testing.T) {
	t.Parallel()
	id := func(item string) string {
		got, err := webhook.Parse(body("messaging", item))
		require.NoError(t, err)
		return got[0].Message.ID
	}
	first := id(fromContact(`"postback":{"title":"Start","payload":"A"}`))
	assert.Equal(t, first, id(fromContact(`"postback":{"payload":"A","title":"Start"}`)))
	assert.NotEqual(t, first, id(fromContact(`"postback":{"title":"Start","payload":"B"}`)))
}

func TestNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	unknown := map[string][]byte{
		"a kind of item nobody told us of": body("messaging", fromContact(`"game_play":{}`)),
		"a message without an id":          body("messaging", fromContact(`"message":{"text":"Hello"}`)),
		"an item that is a number":         body("messaging", `5`),
		"an item without a sender":         body("messaging", `{"message":{"mid":"m_1"}}`),
		"a mistyped item":                  body("messaging", fromContact(`"message":{"mid":7}`)),
		"a change of the page":             body("changes", `{"field":"feed","value":{}}`),
		"an entry without items":           []byte(`{"object":"page","entry":[{"id":"1","hello":[]}]}`),
		"an entry that is a text":          []byte(`{"object":"page","entry":["hello"]}`),
	}
	for name, raw := range unknown {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := webhook.Parse(raw)
			require.NoError(t, err)
			require.Len(t, got, 1)
			assert.False(t, known(got[0]))
			again, err := webhook.Parse(got[0].Raw)
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

func TestAThousandItemsOfSeveralEntriesAreAllRead(t *testing.T) {
	t.Parallel()
	var entries []string
	for e := range 10 {
		var items []string
		for i := range 100 {
			items = append(items, fromContact(fmt.Sprintf(`"message":{"mid":"m_%d_%d","text":"x"}`, e, i)))
		}
		entries = append(entries, fmt.Sprintf(`{"id":"%d","messaging":[%s]}`, e, strings.Join(items, ",")))
	}
	got, err := webhook.Parse([]byte(`{"object":"page","entry":[` + strings.Join(entries, ",") + `]}`))
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, item := range got {
		seen[item.PageID+item.Message.ID] = true
	}
	assert.Len(t, seen, 1000)
}

func TestABodyThatIsNotAboutPagesIsRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `{`, `[]`, `{"object":"instagram","entry":[{"id":"1"}]}`, `{"object":"page"}`, `{"object":"page","entry":[]}`} {
		_, err := webhook.Parse([]byte(raw))
		assert.ErrorIs(t, err, webhook.ErrNotPages, raw)
	}
}

// known reports whether exactly one thing happened.
func known(item webhook.Item) bool {
	set := 0
	for _, is := range []bool{
		item.Message != nil, item.Echo != nil, item.Reaction != nil, item.Referral != nil, item.Delivered != nil, item.Read != nil,
	} {
		if is {
			set++
		}
	}
	if set > 1 {
		panic("an item is two things")
	}
	return set == 1
}

func TestOnlyTheRightSignatureVerifies(t *testing.T) {
	t.Parallel()
	signed := []byte(`{"object":"page","entry":[]}`)
	// openssl dgst -sha256 -hmac secret
	const good = "sha256=550e646d4869f9eaf9e56ccc2b73b528c8d3aac4a24ff137e0a26e3e45bbd075"
	assert.True(t, webhook.Verify(signed, good, "secret"))
	assert.Equal(t, good, webhook.Sign(signed, "secret"))
	for name, c := range map[string]struct {
		body              []byte
		signature, secret string
	}{
		"no signature":         {signed, "", "secret"},
		"no prefix":            {signed, strings.TrimPrefix(good, "sha256="), "secret"},
		"of another body":      {append([]byte(" "), signed...), good, "secret"},
		"of another secret":    {signed, webhook.Sign(signed, "other"), "secret"},
		"cut off":              {signed, good[:len(good)-2], "secret"},
		"nothing but a prefix": {signed, "sha256=", "secret"},
		"no secret":            {signed, webhook.Sign(signed, ""), ""},
	} {
		assert.False(t, webhook.Verify(c.body, c.signature, c.secret), name)
	}
}

func TestTheVerifyTokenIsCompared(t *testing.T) {
	t.Parallel()
	assert.True(t, webhook.VerifyToken("agreed", "agreed"))
	assert.False(t, webhook.VerifyToken("other", "agreed"))
	assert.False(t, webhook.VerifyToken("", ""))
}

// FuzzParse feeds whatever could be signed. Every item of what is accepted is
// either known with all it needs, or kept so that it can be read again.
func FuzzParse(f *testing.F) {
	f.Add(body("messaging", fromContact(`"message":{"mid":"m_1","text":"Hello","attachments":[{"type":"image","payload":{"url":"https://cdn.example/a.png"}}]}`)))
	f.Add(body("standby", fromPage(`"message":{"mid":"m_1","is_echo":true,"app_id":"5","metadata":"x"}`), `{}`, `null`))
	f.Add(body("messaging", fromContact(`"postback":{"title":"Start","payload":"A"}`), fromContact(`"read":{"watermark":1}`)))
	f.Add(body("changes", `{"field":"feed"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		items, err := webhook.Parse(raw)
		if err != nil {
			if !errors.Is(err, webhook.ErrNotPages) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		for _, item := range items {
			if known(item) && (item.PageID == "" || item.ContactID == "") {
				t.Fatalf("an item of nobody: %+v", item)
			}
			if item.Message != nil && (item.Message.ID == "" || item.Message.Text == "" && len(item.Message.Files) == 0) {
				t.Fatalf("an empty message: %+v", item)
			}
			again, err := webhook.Parse(item.Raw)
			if err != nil || len(again) != 1 || known(again[0]) != known(item) || again[0].PageID != item.PageID || !again[0].At.Equal(item.At) {
				t.Fatalf("%+v became %+v (%v)", item, again, err)
			}
		}
	})
}
