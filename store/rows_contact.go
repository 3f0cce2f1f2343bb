package store

import "switchboard/inbox"

type contactRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	OwnerID   string
	CreatedAt stamp
}

func (contactRow) TableName() string { return "contacts" }

func (r contactRow) id() string { return r.ID }

func (r contactRow) contact(identities []identityRow) inbox.Contact {
	c := inbox.Contact{ID: r.ID, Name: r.Name, OwnerID: r.OwnerID, CreatedAt: r.CreatedAt.Time}
	for _, identity := range identities {
		c.Identities = append(c.Identities, identity.identity())
	}
	return c
}

type identityRow struct {
	Kind      inbox.IdentityKind `gorm:"primaryKey"`
	Value     string             `gorm:"primaryKey"`
	ContactID string
	// Claimed: its contact named it, and nobody wrote from or to it yet.
	Claimed   bool
	CreatedAt stamp
}

func (identityRow) TableName() string { return "identities" }

func (r identityRow) identity() inbox.Identity { return inbox.Identity{Kind: r.Kind, Value: r.Value} }

type contactTermRow struct {
	Term      string `gorm:"primaryKey"`
	ContactID string `gorm:"primaryKey"`
}

func (contactTermRow) TableName() string { return "contact_terms" }
