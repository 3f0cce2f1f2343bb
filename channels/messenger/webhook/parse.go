package webhook

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ErrNotPages is a body that is not about pages, or not of the form Facebook
// documents.
var ErrNotPages = errors.New("the body is no delivery about pages")

// Parse returns every item of a body in its order. One that we do not know, or
// that is not of the form it should have, has no pointer set: nothing is left
// out. A body without anything to take out is ErrNotPages.
func Parse(body []byte) ([]Item, error) {
	var delivered struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(body, &delivered); err != nil {
		// The error would quote the body (B12).
		return nil, ErrNotPages
	}
	if delivered.Object != "page" {
		return nil, fmt.Errorf("%w: of another object", ErrNotPages)
	}
	var items []Item
	for _, entry := range delivered.Entry {
		items = append(items, itemsOf(entry)...)
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%w: no entries", ErrNotPages)
	}
	return items, nil
}

// itemsOf takes an entry apart; one without parts is itself what we do not know.
func itemsOf(raw json.RawMessage) []Item {
	var entry struct {
		ID        string            `json:"id"`
		Time      int64             `json:"time"` // milliseconds since 1970
		Messaging []json.RawMessage `json:"messaging"`
		Standby   []json.RawMessage `json:"standby"`
		Changes   []json.RawMessage `json:"changes"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil || len(entry.Messaging)+len(entry.Standby)+len(entry.Changes) == 0 {
		return []Item{{PageID: entry.ID, Raw: delivery(raw)}}
	}
	at := timeOf(entry.Time)
	var items []Item
	for _, raw := range entry.Messaging {
		items = append(items, itemOf(entry.ID, at, raw, "messaging"))
	}
	for _, raw := range entry.Standby {
		items = append(items, itemOf(entry.ID, at, raw, "standby"))
	}
	for _, raw := range entry.Changes {
		items = append(items, Item{PageID: entry.ID, At: at, Raw: alone(entry.ID, at, raw, "changes")})
	}
	return items
}

// alone is a body with one item of an entry.
func alone(pageID string, at time.Time, raw json.RawMessage, list string) []byte {
	entry := map[string]any{"id": pageID, list: []json.RawMessage{raw}}
	if !at.IsZero() {
		entry["time"] = at.UnixMilli()
	}
	return delivery(entry)
}

// delivery is a body with one entry.
func delivery(entry any) []byte {
	// What was read from JSON can be written as JSON.
	body, _ := json.Marshal(map[string]any{"object": "page", "entry": []any{entry}})
	return body
}

func itemOf(pageID string, at time.Time, raw json.RawMessage, list string) Item {
	item := Item{PageID: pageID, At: at, Standby: list == "standby", Raw: alone(pageID, at, raw, list)}
	unknown := item
	var in rawItem
	if json.Unmarshal(raw, &in) != nil || in.Sender == nil || in.Recipient == nil {
		return unknown
	}
	if in.Timestamp > 0 {
		item.At = timeOf(in.Timestamp)
	}
	item.ContactID = in.Sender.ID
	if in.Message != nil && in.Message.IsEcho {
		item.ContactID = in.Recipient.ID
	}
	if pageID == "" || item.ContactID == "" || !item.read(in) {
		return unknown
	}
	return item
}

// read takes in what happened, or reports that it is nothing we know.
func (item *Item) read(in rawItem) bool {
	switch {
	case in.Message != nil && in.Message.ID == "":
		return false
	case in.Message != nil && in.Message.IsEcho:
		item.Echo = &Echo{Message: messageOf(*in.Message), AppID: in.Message.AppID.String(), Metadata: in.Message.Metadata}
	case in.Message != nil:
		message := messageOf(*in.Message)
		item.Message = &message
	case in.Postback != nil:
		item.Message = item.pressed(*in.Postback)
	case in.Reaction != nil:
		item.Reaction = &Reaction{Removed: in.Reaction.Action == "unreact"}
	case isObject(in.Referral):
		item.Referral = &Referral{}
	case in.Delivery != nil && (in.Delivery.Watermark > 0 || len(in.Delivery.IDs) > 0):
		item.Delivered = &Delivered{MessageIDs: in.Delivery.IDs, Watermark: timeOf(in.Delivery.Watermark)}
	case in.Read != nil && in.Read.Watermark > 0:
		item.Read = &Read{Watermark: timeOf(in.Read.Watermark)}
	default:
		return false
	}
	return true
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// pressed is a button of the persistent kind as a message. Without an id of its
// own it is known by who pressed which one when.
func (item *Item) pressed(in rawPostback) *Message {
	id := in.ID
	if id == "" {
		sum := sha256.Sum256([]byte(item.ContactID + "\n" + strconv.FormatInt(item.At.UnixMilli(), 10) + "\n" + in.Payload))
		id = "postback:" + hex.EncodeToString(sum[:])
	}
	return &Message{ID: id, Text: cmp.Or(in.Title, in.Payload, notPassedOn), Payload: in.Payload}
}

// timeOf reads milliseconds since 1970; zero and less are not said.
func timeOf(milliseconds int64) time.Time {
	if milliseconds <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}
