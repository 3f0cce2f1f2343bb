package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// MessagePart is one of the messages that a provider takes an answer as.
type MessagePart struct {
	// Number begins with 1; Parts is how many there are.
	Number, Parts int
	// State is as a message's; a part that is "sending" may have left or not.
	State             inbox.MessageState
	ProviderMessageID string
	// ErrorCode and ErrorDetail say why the provider did not deliver it after all.
	ErrorCode   inbox.Code
	ErrorDetail string
}

// InDoubt reports whether the part may have left or not.
func (p MessagePart) InDoubt() bool { return p.State == inbox.MessageSending }

// left reports whether the provider has the part, and did not fail to deliver it.
func (p MessagePart) left() bool { return !p.InDoubt() && p.State != inbox.MessageFailed }

// MessageParts returns the parts of an answer that were taken for sending, in order.
func (s *Store) MessageParts(ctx context.Context, messageID string) ([]MessagePart, error) {
	return (&tx{DB: s.reading(ctx)}).messageParts(messageID)
}

func (t *tx) messageParts(messageID string) ([]MessagePart, error) {
	var rows []messagePartRow
	if err := t.Where("message_id = ?", messageID).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load the message's parts: %w", err)
	}
	return convert(rows, messagePartRow.part), nil
}

// ClaimPart takes a part of an answer that is being sent. claimed is false when it was
// taken before: of two tries that overlap, one sends. It is, too, once the answer is
// not being sent any more: nothing follows a part that was not delivered.
func (s *Store) ClaimPart(ctx context.Context, messageID string, number, parts int) (claimed bool, err error) {
	err = s.tx(ctx, func(t *tx) error {
		claimed = false
		m, err := take[messageRow](t.Clauses(forUpdate).Select("id", "state").Where("id = ?", messageID), "message")
		if err != nil || m.State != inbox.MessageSending {
			return err
		}
		insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&messagePartRow{MessageID: messageID, Number: number, Parts: parts})
		claimed = insert.RowsAffected > 0
		return insert.Error
	})
	if err != nil {
		return false, fmt.Errorf("claim the message's part: %w", err)
	}
	return claimed, nil
}

// ReleasePart gives a part back that certainly was not sent.
func (s *Store) ReleasePart(ctx context.Context, messageID string, number int) error {
	err := s.write.WithContext(ctx).Delete(&messagePartRow{}, "message_id = ? AND number = ? AND NOT sent", messageID, number).Error
	if err != nil {
		return fmt.Errorf("release the message's part: %w", err)
	}
	return nil
}

// PartSent records that the provider has a part, under its own id. A part that was
// never taken changes nothing.
func (s *Store) PartSent(ctx context.Context, messageID string, number int, providerMessageID string, at time.Time) error {
	_, err := s.followPart(ctx, messageID, Verdict{Part: number, ProviderMessageID: providerMessageID, State: inbox.MessageSent, At: at})
	return err
}

// followPart follows the provider's word about a part, which says at least that it has
// the part, and the message with it: it is failed as soon as one part is, and otherwise
// as far as its last part is. known is false for a part that was never taken, or that
// left under another id.
func (s *Store) followPart(ctx context.Context, messageID string, v Verdict) (known bool, err error) {
	v.State = cmp.Or(v.State, inbox.MessageSent)
	err = s.tx(ctx, func(t *tx) error {
		m, err := take[messageRow](t.Clauses(forUpdate).Where("id = ?", messageID), "message")
		if err != nil {
			return err
		}
		parts, err := t.messageParts(messageID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(parts, func(part MessagePart) bool { return part.Number == v.Part })
		known = i >= 0 && (parts[i].InDoubt() || parts[i].ProviderMessageID == storable(v.ProviderMessageID))
		if !known || !slices.Contains(messageTransitions[parts[i].State], v.State) {
			return nil
		}
		parts[i].State, parts[i].ProviderMessageID = v.State, storable(v.ProviderMessageID)
		parts[i].ErrorCode, parts[i].ErrorDetail = v.Code, v.Detail
		err = t.Model(&messagePartRow{}).Where("message_id = ? AND number = ?", messageID, v.Part).Updates(map[string]any{
			"sent": true, "state": v.State, "provider_message_id": parts[i].ProviderMessageID,
			"error_code": string(v.Code), "error_detail": v.Detail,
		}).Error
		if err != nil {
			return err
		}
		_, err = t.setMessageState(&m, wholeOf(m, parts), v.At)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("follow the message's part: %w", err)
	}
	return known, nil
}

// progress is the order in which a provider tells of a message.
var progress = []inbox.MessageState{inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead}

// wholeOf is what a message has become by its parts; it has the id of its last: what
// arrives after that has arrived. One that was given up as unknown and of which
// nothing is in doubt any more did not leave as a whole.
func wholeOf(m messageRow, parts []MessagePart) messageChange {
	for _, part := range parts {
		if part.State == inbox.MessageFailed {
			return messageChange{state: inbox.MessageFailed, code: part.ErrorCode, detail: part.ErrorDetail}
		}
	}
	switch {
	case AllSent(parts):
		whole := messageChange{state: inbox.MessageRead, providerMessageID: parts[len(parts)-1].ProviderMessageID}
		for _, part := range parts {
			if slices.Index(progress, part.State) < slices.Index(progress, whole.state) {
				whole.state = part.State
			}
		}
		return whole
	case m.State == inbox.MessageUnknown && !slices.ContainsFunc(parts, MessagePart.InDoubt):
		return messageChange{state: inbox.MessageFailed, code: inbox.CodeDeliveryFailed}
	default:
		return messageChange{state: m.State}
	}
}

// AllSent reports whether the provider has the whole message.
func AllSent(parts []MessagePart) bool {
	return len(parts) > 0 && len(parts) == parts[0].Parts && !slices.ContainsFunc(parts, MessagePart.InDoubt)
}

// partsData is in the timeline what an answer of several parts that stopped on its way
// has left as, by the parts' numbers.
type partsData struct {
	Of      int   `json:"of"`
	Left    []int `json:"left"`
	InDoubt []int `json:"in_doubt"`
	Unsent  []int `json:"unsent"`
}

// partsDataOf is nil for an answer that is one message, or of which nothing was taken.
func partsDataOf(parts []MessagePart) *partsData {
	if len(parts) == 0 {
		return nil
	}
	data := &partsData{Of: parts[0].Parts, Left: []int{}, InDoubt: []int{}, Unsent: []int{}}
	for number := 1; number <= data.Of; number++ {
		i := slices.IndexFunc(parts, func(part MessagePart) bool { return part.Number == number })
		switch {
		case i >= 0 && parts[i].InDoubt():
			data.InDoubt = append(data.InDoubt, number)
		case i >= 0 && parts[i].left():
			data.Left = append(data.Left, number)
		default:
			data.Unsent = append(data.Unsent, number)
		}
	}
	return data
}

// words say it to the agent; "" when nothing can have left.
func (d *partsData) words() string {
	if d == nil || len(d.Left)+len(d.InDoubt) == 0 {
		return ""
	}
	words := fmt.Sprintf("Parts that have left: %d of %d.", len(d.Left), d.Of)
	for _, number := range d.InDoubt {
		words += fmt.Sprintf(" Part %d may have left, too.", number)
	}
	if len(d.Unsent) > 0 {
		words += " The rest can be sent by itself."
	}
	return words
}

type messagePartRow struct {
	MessageID         string `gorm:"primaryKey"`
	Number            int    `gorm:"primaryKey"`
	Parts             int
	Sent              bool
	State             inbox.MessageState
	ProviderMessageID string
	ErrorCode         string
	ErrorDetail       string
}

func (messagePartRow) TableName() string { return "message_parts" }

func (r messagePartRow) part() MessagePart {
	part := MessagePart{
		Number: r.Number, Parts: r.Parts, State: r.State, ProviderMessageID: r.ProviderMessageID,
		ErrorCode: inbox.Code(r.ErrorCode), ErrorDetail: r.ErrorDetail,
	}
	switch {
	case !r.Sent:
		part.State = inbox.MessageSending
	case part.State == "":
		part.State = inbox.MessageSent
	}
	return part
}
