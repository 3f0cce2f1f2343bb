package inbox

// Availability is an allow-list: whatever is not "available" is not available.
type Availability string

const (
	Available Availability = "available"
	Away      Availability = "away"
)

// Agent is a user who answers.
type Agent struct {
	ID    string
	Name  string
	Email string
	// Admin may change settings.
	Admin bool
	// Seat is the paid seat without which nothing is assigned automatically (G8).
	Seat         bool
	Availability Availability
	// Capacity is how many active conversations the agent holds at the most
	// when assigned automatically; 0 is no limit (B1).
	Capacity int
	// Hours are the agent's working hours; nil is always (B7).
	Hours *Hours
	// InboxIDs limits which inboxes the agent sees; empty is all (E10).
	InboxIDs []string
	// Phone is the number that calls are put through to, E.164; "" until the agent
	// has proved that it is his (P2).
	Phone string
}

// CanSee reports whether the agent may see the inbox (E10). Admins see all.
func (a Agent) CanSee(inboxID string) bool {
	if a.Admin || len(a.InboxIDs) == 0 {
		return true
	}
	for _, id := range a.InboxIDs {
		if id == inboxID {
			return true
		}
	}
	return false
}

// Team is a group of agents.
type Team struct {
	ID        string
	Name      string
	MemberIDs []string
	// AlertEmail is told when nobody of the team is eligible (B5); "" tells the
	// admins.
	AlertEmail string
}

// Inbox is a place where channels' conversations are triaged together (G1).
type Inbox struct {
	ID   string
	Name string
	// AgentCapacity is how many of this inbox's active conversations one agent
	// holds at the most when assigned automatically; 0 is no limit (B1).
	AgentCapacity int
}
