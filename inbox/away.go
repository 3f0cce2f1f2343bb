package inbox

import "time"

// AwayQuestion asks whether a contact is told automatically that nobody is
// there (B10).
type AwayQuestion struct {
	At time.Time
	// LastAnswer is when the contact last got an automatic answer from the
	// channel; zero is never.
	LastAnswer time.Time
	// ByPerson: a person wrote the message that began the episode.
	ByPerson bool
	// ToTeam: the answer would go to a team's own address.
	ToTeam bool
}
