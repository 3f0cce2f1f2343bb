package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Contact is a person outside the company.
type Contact struct {
	ID string
	// Name is "" until somebody says it.
	Name string
	// OwnerID is the agent responsible for the contact (G5).
	OwnerID string
	// Identities, the earliest known first.
	Identities []Identity
	CreatedAt  time.Time
}

// Identity returns the contact's identity of the kind that became known last, or "".
func (c Contact) Identity(kind IdentityKind) string {
	for _, identity := range slices.Backward(c.Identities) {
		if identity.Kind == kind {
			return identity.Value
		}
	}
	return ""
}

// IdentityKind is a way a contact is known.
type IdentityKind string

const (
	IdentityEmail IdentityKind = "email"
	IdentityPhone IdentityKind = "phone"
	// IdentityCookie is the hash of a visitor's first token.
	IdentityCookie IdentityKind = "cookie"
	// IdentityMessenger is a page-scoped id with its page: "page:psid".
	IdentityMessenger IdentityKind = "messenger"
	// IdentityWhatsApp is WhatsApp's id of a user, who may hide the number.
	IdentityWhatsApp IdentityKind = "whatsapp"
	// IdentityUser is a website's own id of a user with the chat: "channel:id".
	IdentityUser IdentityKind = "user"
)

// Identity is one way one contact is known; (kind, value) belongs to one
// contact only (G9).
type Identity struct {
	Kind  IdentityKind `json:"kind"`
	Value string       `json:"value"`
}

// EmailIdentity is the identity of a mail address: addresses that differ in
// case only are one person's.
func EmailIdentity(address string) Identity {
	return Identity{Kind: IdentityEmail, Value: strings.ToLower(strings.TrimSpace(address))}
}

// CookieIdentity is the identity of a visitor token, of which only the SHA-256
// is kept (G5).
func CookieIdentity(visitorToken string) Identity {
	digest := sha256.Sum256([]byte(visitorToken))
	return Identity{Kind: IdentityCookie, Value: hex.EncodeToString(digest[:])}
}

// UserIdentity is the identity of a user whom the website of a chat knows by an id
// and vouches for.
func UserIdentity(channelID, userID string) Identity {
	return Identity{Kind: IdentityUser, Value: channelID + ":" + userID}
}

// Sender is what a message says about who wrote it, strongest identity first.
type Sender struct {
	Name       string
	Identities []Identity
	// ForwardedBy is who forwarded the message by hand; nil is nobody (E8).
	ForwardedBy *Identity `json:",omitempty"`
	// Claimed: the sender was found in a forward and not authenticated (E8).
	Claimed bool `json:",omitempty"`
	// UnclearForward: the subject announces a forward, but who first wrote it
	// could not be made out (E8).
	UnclearForward bool `json:",omitempty"`
}
