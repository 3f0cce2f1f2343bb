package inbox

// ReplyTimePlaceholder stands in a chatflow's text for the channel's typical
// reply time in words (C6); a channel without one says nothing in its place.
const ReplyTimePlaceholder = "{{reply_time}}"

// DefaultChatflow is what a new channel of the kind begins with, if anything:
// Messenger greets and answers the first message (M2 to M4); a chat's automatic
// first answer is ready to be switched on (C6).
func DefaultChatflow(kind ChannelKind) (flow Chatflow, ok bool) {
	flow = Chatflow{
		Name: "Automatic first answer", Patience: DefaultPatience,
		Steps: []ChatStep{
			{ID: "reply", Kind: StepSay, Text: "Thank you for your message. " + ReplyTimePlaceholder, Next: "person"},
			{ID: "person", Kind: StepHandOver},
		},
	}
	switch kind {
	case KindMessenger:
		flow.Name, flow.Active = "Greeting and instant reply", true
		flow.Greeting = "Hello! How can we help you?"
		flow.Steps[0].Text = "Thank you for your message. We will answer as soon as we can."
		return flow, true
	case KindChat:
		flow.Repeat = true
		return flow, true
	default:
		return Chatflow{}, false
	}
}
