package inbox

import (
	"encoding/json"
	"time"
)

// ChannelKind is a way conversations come in.
type ChannelKind string

const (
	KindEmail     ChannelKind = "email"
	KindChat      ChannelKind = "chat"
	KindMessenger ChannelKind = "messenger"
	KindForm      ChannelKind = "form"
	KindWhatsApp  ChannelKind = "whatsapp"
	KindCall      ChannelKind = "call"
)

// ChannelState says whether the provider still lets us in.
type ChannelState string

const (
	ChannelConnected      ChannelState = "connected"
	ChannelNeedsReconnect ChannelState = "needs_reconnect"
)

// Channel is one connected account, form or widget of an inbox.
type Channel struct {
	ID      string
	InboxID string
	Kind    ChannelKind
	Name    string
	// Enabled switches intake on and off (G14).
	Enabled bool
	State   ChannelState
	// Account is the external account the channel is connected to (page id,
	// number, mailbox address), unique per kind (G15); "" is none.
	Account string
	// HostedToken is the local part of an e-mail channel's hosted address, which
	// nobody can guess and which never changes (E3); "" for other kinds.
	HostedToken string
	// Provider is whose mailbox is connected; ProviderNone is mail forwarded to
	// the hosted address.
	Provider Provider
	// Confirmation is the latest question of a provider whether mail may be
	// forwarded to the hosted address; nil is none.
	Confirmation *ForwardingConfirmation
	// PausedUntil is until when nothing leaves by the channel, since its provider
	// asked for less; zero and the past are now.
	PausedUntil time.Time
	// Revision grows with every edit; an episode keeps the one it began with.
	Revision   int
	Assignment Assignment
	Tickets    TicketDefaults
	// Settings are the kind's own; the kind's folder in channels/ reads them.
	Settings  json.RawMessage
	CreatedAt time.Time
}

// Provider is whose mailbox an e-mail channel is connected to (E1, E2, E11), and
// Facebook for a Messenger channel with a page (M1).
type Provider string

const (
	ProviderNone      Provider = ""
	ProviderGmail     Provider = "gmail"
	ProviderOffice365 Provider = "office365"
	ProviderIMAP      Provider = "imap"
	ProviderFacebook  Provider = "facebook"
)

// ConnectionProblem is why the mailbox that a channel is connected to cannot be read, or
// what its page lacks; "" is none.
type ConnectionProblem string

const (
	// ConnectionRejected: the provider no longer lets us in; a person has to connect
	// it again.
	ConnectionRejected ConnectionProblem = "rejected"
	// MailboxThrottled: the provider asks to wait.
	MailboxThrottled ConnectionProblem = "throttled"
	// MailboxUnreadable: something else, which is tried again.
	MailboxUnreadable ConnectionProblem = "unreadable"
	// PageUnsubscribed: Facebook does not deliver what happens on the page, which is
	// asked for again.
	PageUnsubscribed ConnectionProblem = "unsubscribed"
	// PageProfileUnset: the greeting and the button to get started are not shown,
	// which is tried again.
	PageProfileUnset ConnectionProblem = "profile_unset"
)

// ForwardingConfirmation is a provider's question whether mail may be forwarded
// to a hosted address, for a person to answer.
type ForwardingConfirmation struct {
	// Provider is who asks, such as "gmail".
	Provider string `json:"provider"`
	// Code is typed in at the provider's; URL confirms when it is opened. Either
	// may be "".
	Code string    `json:"code"`
	URL  string    `json:"url"`
	At   time.Time `json:"at"`
}

// AssignmentMode is a channel's rule for automatic assignment.
type AssignmentMode string

const (
	// AssignOff leaves conversations to triage; the default (G3).
	AssignOff AssignmentMode = "off"
	// AssignSpecific routes to chosen agents and teams (G4).
	AssignSpecific AssignmentMode = "specific"
	// AssignOwner routes to the contact's owner (G5).
	AssignOwner AssignmentMode = "owner"
)

// Strategy picks among eligible agents (B1).
type Strategy string

const (
	RoundRobin Strategy = "round_robin"
	LeastBusy  Strategy = "least_busy"
)

// Assignment is a channel's assignment rule (G3 to G8, B1 to B7).
type Assignment struct {
	Mode     AssignmentMode `json:"mode"`
	AgentIDs []string       `json:"agent_ids"`
	TeamIDs  []string       `json:"team_ids"`
	// OnlyAvailable skips agents who are away or outside their hours (G7).
	OnlyAvailable bool     `json:"only_available"`
	Strategy      Strategy `json:"strategy"`
	// FallbackTeamID is asked when nobody of the rule is eligible.
	FallbackTeamID string `json:"fallback_team_id,omitempty"`
	// AnswerWithin is how many seconds the assignee has to answer before the
	// next agent is asked; 0 is no limit (B4).
	AnswerWithin int `json:"answer_within"`
	// Hours are the channel's hours; with OnlyAvailable nobody is eligible
	// outside them. nil is always (B7).
	Hours *Hours `json:"hours,omitempty"`
}

// DefaultAssignment is off, with "only available" on (G3, G7).
func DefaultAssignment() Assignment {
	return Assignment{Mode: AssignOff, OnlyAvailable: true, Strategy: RoundRobin}
}
