package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// TokenOverlap is how long a visitor's replaced token works at most; it ends
// before, when the new one is used.
const TokenOverlap = 10 * time.Minute

// Visitor is whom a chat's token belongs to.
type Visitor struct {
	// ThreadKey is the visitor's thread, Cookie how contacts know the visitor. Both
	// come from the first token and stay when it is replaced.
	ThreadKey string
	Cookie    inbox.Identity
	// Token is the SHA-256 of the token that was shown.
	Token string
}

// VisitorByToken returns whom a token belongs to. first is whom it would belong to
// if it was no replacement of another. A token that was replaced, or a replacement
// that is not known, is CodeUnauthorized. A replacement that is used for the first
// time ends the token before it.
func (s *Store) VisitorByToken(ctx context.Context, first Visitor, replacement bool, at time.Time) (Visitor, error) {
	row, err := visitorOf(s.reading(ctx), first, replacement)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound) && !replacement:
		return first, nil
	case err != nil && !errors.Is(err, gorm.ErrRecordNotFound):
		return Visitor{}, fmt.Errorf("find visitor: %w", err)
	case err != nil || !row.opens(first.Token, at):
		return Visitor{}, replaced()
	}
	if row.Offered == first.Token {
		return row.visitor(first.Token), s.takeOffer(ctx, row)
	}
	return row.visitor(first.Token), nil
}

// takeOffer ends the token before the one that is used for the first time.
func (s *Store) takeOffer(ctx context.Context, offered visitorRow) error {
	return s.tx(ctx, func(t *tx) error {
		row, err := take[visitorRow](t.Clauses(forUpdate).Where("thread_key = ?", offered.ThreadKey), "visitor")
		switch {
		case err != nil && inbox.CodeOf(err) != inbox.CodeNotFound:
			return err
		case row.Token == offered.Offered: // another request was faster
			return nil
		case row.Offered != offered.Offered:
			return replaced()
		}
		err = t.Model(&row).Updates(map[string]any{"token": row.Offered, "offered": nil, "offered_at": nil}).Error
		if err != nil {
			return fmt.Errorf("replace visitor's token: %w", err)
		}
		return nil
	})
}

func replaced() error {
	refusal := inbox.Errorf(inbox.CodeUnauthorized, "This visitor token was replaced by another.")
	refusal.Remedy = "Use the token that identifying the visitor was answered with."
	return refusal
}

func visitorOf(db *gorm.DB, first Visitor, replacement bool) (visitorRow, error) {
	var row visitorRow
	query := db.Where("thread_key = ?", first.ThreadKey)
	if replacement {
		query = db.Where("token = ?", first.Token).Or("offered = ?", first.Token)
	}
	err := query.Take(&row).Error
	return row, err
}

// KnownCookie is the visitor whose token has a cookie.
type KnownCookie struct {
	// Identity is how contacts know him, whichever of his tokens it is.
	Identity inbox.Identity
	// Replaced: the token opens nothing any more.
	Replaced bool
	// Vouched: the website said who he is.
	Vouched bool
}

// CookieNow returns the visitor whose token has a cookie.
func (s *Store) CookieNow(ctx context.Context, cookie inbox.Identity, at time.Time) (KnownCookie, error) {
	var row visitorRow
	err := s.reading(ctx).Where("token = ?", cookie.Value).Or("offered = ?", cookie.Value).Or("cookie = ?", cookie.Value).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return KnownCookie{Identity: cookie}, nil
	}
	if err != nil {
		return KnownCookie{}, fmt.Errorf("find visitor: %w", err)
	}
	return KnownCookie{Identity: row.visitor("").Cookie, Replaced: !row.opens(cookie.Value, at), Vouched: row.Verified != ""}, nil
}

// VisitorIdentification is what a visitor, or the website for the visitor, says.
type VisitorIdentification struct {
	ChannelID string
	Visitor   Visitor
	Name      string
	// Verified is what the website vouches for, the zero Identity for nothing;
	// Claimed is what else is said.
	Verified inbox.Identity
	Claimed  []inbox.Identity
	// Next is the SHA-256 of the token that is to replace the visitor's. Other is
	// the visitor who begins when the website vouched for somebody else before.
	Next  string
	Other Visitor
	At    time.Time
}

// digest says of whom the website vouched for only whether it is the same again; ""
// is nobody.
func (in VisitorIdentification) digest() string {
	if in.Verified == (inbox.Identity{}) {
		return ""
	}
	sum := sha256.Sum256([]byte(in.Visitor.ThreadKey + "\x00" + string(in.Verified.Kind) + "\x00" + in.Verified.Value))
	return hex.EncodeToString(sum[:])
}

// VisitorTokenIs says which token a visitor goes on with.
type VisitorTokenIs string

const (
	// TokenKept: nothing that anybody could have known before opens more now.
	TokenKept VisitorTokenIs = "kept"
	// TokenReplaced: the thread goes on with the next token.
	TokenReplaced VisitorTokenIs = "replaced"
	// VisitorReplaced: somebody else is here now, with a thread of his own.
	VisitorReplaced VisitorTokenIs = "visitor_replaced"
)

// IdentifyVisitor notes who a visitor is. What is only claimed is treated as by
// Identify. What the website vouches for joins the contact that has it, with
// everything of a visitor about whom nothing else is known. The visitor's token is
// to be replaced, so that one that somebody else knew before opens nothing of who
// is known now. While the next token was not used, only the same person may ask
// again (CodeConflict).
func (s *Store) IdentifyVisitor(ctx context.Context, in VisitorIdentification) (VisitorTokenIs, error) {
	is, err := s.tokenAfter(ctx, &in)
	if err != nil {
		return "", fmt.Errorf("identify visitor: %w", err)
	}
	if err := s.joinKnown(ctx, in); err != nil {
		return "", fmt.Errorf("join known contact: %w", err)
	}
	err = s.latest(ctx, func(t *tx) error {
		sender, err := t.senderOf(in)
		if err != nil {
			return err
		}
		contactID, err := t.identify(sender, in.Claimed, stored(in.At))
		if err == nil && sender.Identities[0] == in.Verified {
			_, err = t.attachIdentity(contactID, in.Visitor.Cookie, false)
		}
		if err != nil {
			return err
		}
		return t.replaceToken(in, is)
	})
	if err != nil {
		return "", fmt.Errorf("identify visitor: %w", err)
	}
	return is, nil
}

// tokenAfter decides about the token. in.Visitor becomes another one if it is not
// the one before.
func (s *Store) tokenAfter(ctx context.Context, in *VisitorIdentification) (VisitorTokenIs, error) {
	row, err := take[visitorRow](s.reading(ctx).Where("thread_key = ?", in.Visitor.ThreadKey), "visitor")
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return TokenReplaced, nil
	}
	if err != nil {
		return "", err
	}
	same := row.Verified == in.digest()
	switch {
	case row.Verified == "":
		return TokenReplaced, nil
	case row.Offered != "" && !same:
		return "", inbox.Errorf(inbox.CodeConflict, "This visitor was just identified as somebody, and has a new token.")
	case row.Offered != "":
		return TokenReplaced, nil
	case same || in.Verified == (inbox.Identity{}):
		return TokenKept, nil
	default:
		in.Visitor = in.Other
		return VisitorReplaced, nil
	}
}

// joinKnown merges a visitor of whom only tokens are known into the contact that
// has the verified identity.
func (s *Store) joinKnown(ctx context.Context, in VisitorIdentification) error {
	if in.Verified == (inbox.Identity{}) {
		return nil
	}
	known, err := s.ContactByIdentity(ctx, in.Verified)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	visitor, err := s.ContactByIdentity(ctx, in.Visitor.Cookie)
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && visitor.ID == known.ID {
		return nil
	}
	if err != nil {
		return err
	}
	for _, identity := range visitor.Identities {
		if identity.Kind != inbox.IdentityCookie {
			return nil // two people, or one: that is for somebody to decide (M9)
		}
	}
	err = s.MergeContacts(ctx, visitor.ID, known.ID, automation)
	if code := inbox.CodeOf(err); code == inbox.CodeNotFound || code == inbox.CodeInvalid { // merged or erased meanwhile
		return nil
	}
	return err
}

// senderOf puts first who speaks: the verified identity where a contact has it,
// else the visitor.
func (t *tx) senderOf(in VisitorIdentification) (inbox.Sender, error) {
	sender := inbox.Sender{Name: in.Name, Identities: append([]inbox.Identity{in.Visitor.Cookie}, in.Claimed...)}
	if in.Verified == (inbox.Identity{}) {
		return sender, nil
	}
	known, err := t.known([]inbox.Identity{in.Verified})
	at := 1
	if len(known) > 0 {
		at = 0
	}
	sender.Identities = append(sender.Identities[:at:at], append([]inbox.Identity{in.Verified}, sender.Identities[at:]...)...)
	return sender, err
}

// replaceToken writes what tokenAfter decided. It is errOutdated when the token was
// replaced meanwhile.
func (t *tx) replaceToken(in VisitorIdentification, is VisitorTokenIs) error {
	if is == TokenKept {
		return nil
	}
	row := visitorRow{
		ThreadKey: in.Visitor.ThreadKey, ChannelID: in.ChannelID, Cookie: in.Visitor.Cookie.Value, Token: in.Visitor.Token,
		Verified: in.digest(), CreatedAt: stampOf(in.At),
	}
	if is == TokenReplaced {
		row.Offered, row.OfferedAt = in.Next, stampOf(in.At)
	}
	write := t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "thread_key"}},
		DoUpdates: clause.AssignmentColumns([]string{"offered", "offered_at", "verified"}),
		// Who was identified as somebody meanwhile is not overwritten.
		Where: clause.Where{Exprs: []clause.Expression{
			clause.Expr{SQL: "visitors.token = ? AND visitors.verified IN ('', ?)", Vars: []any{row.Token, row.Verified}},
		}},
	}).Create(&row)
	if write.Error != nil {
		return fmt.Errorf("replace visitor's token: %w", write.Error)
	}
	if write.RowsAffected == 0 {
		return inbox.Errorf(inbox.CodeConflict, "This visitor was just identified as somebody, and has a new token.")
	}
	return nil
}

type visitorRow struct {
	ThreadKey string `gorm:"primaryKey"`
	ChannelID string
	Cookie    string
	Token     string
	Offered   string `gorm:"default:null"`
	OfferedAt stamp
	Verified  string
	CreatedAt stamp
}

func (visitorRow) TableName() string { return "visitors" }

func (r visitorRow) visitor(token string) Visitor {
	return Visitor{ThreadKey: r.ThreadKey, Cookie: inbox.Identity{Kind: inbox.IdentityCookie, Value: r.Cookie}, Token: token}
}

// opens reports whether a token opens the visitor's thread.
func (r visitorRow) opens(token string, at time.Time) bool {
	switch token {
	case r.Offered:
		return true
	case r.Token:
		return r.Offered == "" || at.Before(r.OfferedAt.Add(TokenOverlap))
	default:
		return false
	}
}
