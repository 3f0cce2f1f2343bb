package store

import "switchboard/inbox"

type mergeRow struct {
	ID        string `gorm:"primaryKey"`
	ContactID string
	// MergedID and what follows are the contact that is gone.
	MergedID string
	Name     string
	OwnerID  string
	Since    stamp
	// GaveName and GaveOwner: the other contact had none.
	GaveName  bool
	GaveOwner bool
	ActorKind inbox.AuthorKind
	ActorID   string
	CreatedAt stamp
	UndoneAt  stamp
}

func (mergeRow) TableName() string { return "merges" }

func (r mergeRow) merge() inbox.Merge {
	return inbox.Merge{
		ID: r.ID, ContactID: r.ContactID, MergedID: r.MergedID, Name: r.Name, OwnerID: r.OwnerID,
		Actor: inbox.Author{Kind: r.ActorKind, ID: r.ActorID}, At: r.CreatedAt.Time, UndoneAt: r.UndoneAt.Time,
	}
}

type mergeSuggestionRow struct {
	ContactID string `gorm:"primaryKey"`
	OtherID   string `gorm:"primaryKey"`
	CreatedAt stamp
}

func (mergeSuggestionRow) TableName() string { return "merge_suggestions" }
