package routing

import (
	"time"

	"switchboard/inbox"
)

// ChatMode is what a chat's availability follows.
type ChatMode string

const (
	// ChatByTeam is open while an agent of the assignment rule is available (C6).
	ChatByTeam ChatMode = "team"
	// ChatByHours is open in operating hours (C7).
	ChatByHours ChatMode = "hours"
	// ChatAlways is open (C8).
	ChatAlways ChatMode = "always"
)

// ChatBehaviour is what a chat does while nobody is there.
type ChatBehaviour string

const (
	ChatMessage    ChatBehaviour = "message"
	ChatReturnTime ChatBehaviour = "return_time"
	ChatReplyTime  ChatBehaviour = "reply_time"
	ChatHide       ChatBehaviour = "hide"
)

// ChatQuestion is what ChatState needs to know.
type ChatQuestion struct {
	At   time.Time
	Mode ChatMode
	// Hours are the operating hours of ChatByHours; nil is always.
	Hours *inbox.Hours
	// AnyAvailable reports whether an agent of the assignment rule is Present.
	AnyAvailable bool
	// Away is for when all agents are away: ChatMessage or ChatHide, and with
	// ChatByHours ChatReplyTime.
	Away ChatBehaviour
	// Outside is for when it is outside operating hours: ChatMessage,
	// ChatReturnTime or ChatHide.
	Outside ChatBehaviour
	// ReplyTime reports whether there is a typical reply time to show (C8).
	ReplyTime bool
}

// ChatAvailability is what ChatState comes to.
type ChatAvailability string

const (
	ChatOpen         ChatAvailability = "open"
	ChatAway         ChatAvailability = "away"
	ChatOutsideHours ChatAvailability = "outside_hours"
)

// ChatShow is the text a widget shows.
type ChatShow string

const (
	ShowReplyTime  ChatShow = "reply_time"
	ShowMessage    ChatShow = "message"
	ShowReturnTime ChatShow = "return_time"
	ShowNothing    ChatShow = "none"
)

// ChatAnswer is how a widget presents itself.
type ChatAnswer struct {
	State ChatAvailability
	// Hidden hides the widget with its launcher.
	Hidden bool
	Show   ChatShow
	// ReturnsAt is when operating hours begin again, with ShowReturnTime.
	ReturnsAt time.Time
}

// ChatState says whether a chat is open and what its widget shows (C6 to C8). A
// behaviour that is not offered for the case is ChatMessage, and so is a return
// time when the hours never begin again. The error is CheckHours'.
func ChatState(q ChatQuestion) (ChatAnswer, error) {
	if q.Mode == ChatByHours {
		open, err := Open(q.Hours, q.At)
		if err != nil {
			return ChatAnswer{}, err
		}
		if !open {
			return ChatIn(ChatOutsideHours, q)
		}
	}
	if q.Mode == ChatAlways || q.AnyAvailable {
		return ChatIn(ChatOpen, q)
	}
	return ChatIn(ChatAway, q)
}

// ChatIn says what the widget shows in a state, whoever is there and whatever the
// time: for previews (C9).
func ChatIn(state ChatAvailability, q ChatQuestion) (ChatAnswer, error) {
	switch {
	case state == ChatOutsideHours:
		return outsideHours(q)
	case state == ChatOpen:
		return ChatAnswer{State: ChatOpen, Show: q.replyTime()}, nil
	case q.Away == ChatHide:
		return ChatAnswer{State: ChatAway, Hidden: true, Show: ShowNothing}, nil
	case q.Away == ChatReplyTime && q.Mode == ChatByHours:
		return ChatAnswer{State: ChatAway, Show: q.replyTime()}, nil
	default:
		return ChatAnswer{State: ChatAway, Show: ShowMessage}, nil
	}
}

// ChatStates are the states that a chat of the mode can be in.
func ChatStates(mode ChatMode) []ChatAvailability {
	switch mode {
	case ChatAlways:
		return []ChatAvailability{ChatOpen}
	case ChatByTeam:
		return []ChatAvailability{ChatOpen, ChatAway}
	default:
		return []ChatAvailability{ChatOpen, ChatAway, ChatOutsideHours}
	}
}

func outsideHours(q ChatQuestion) (ChatAnswer, error) {
	switch q.Outside {
	case ChatHide:
		return ChatAnswer{State: ChatOutsideHours, Hidden: true, Show: ShowNothing}, nil
	case ChatReturnTime:
		returnsAt, ok, err := NextOpen(q.Hours, q.At)
		if err != nil {
			return ChatAnswer{}, err
		}
		if ok {
			return ChatAnswer{State: ChatOutsideHours, Show: ShowReturnTime, ReturnsAt: returnsAt}, nil
		}
	}
	return ChatAnswer{State: ChatOutsideHours, Show: ShowMessage}, nil
}

func (q ChatQuestion) replyTime() ChatShow {
	if q.ReplyTime {
		return ShowReplyTime
	}
	return ShowNothing
}
