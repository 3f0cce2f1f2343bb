package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// transcriptMessages bounds a transcript; what was said before is left out, and the
// mail says so.
const transcriptMessages = 500

// transcriptBytes bounds the texts of a transcript likewise: mail servers refuse
// what is too large.
const transcriptBytes = 256 << 10

// transcriptMail is the copy of a conversation, without its recipient (C10).
func (a *Activities) transcriptMail(ctx context.Context, notice store.NoticeMail) (mail.Mail, error) {
	transcript, err := a.transcript(ctx, notice)
	if err != nil {
		return mail.Mail{}, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Retry, Err: err}
	}
	copied, err := transcribe(a.Kinds[notice.Conversation.ChannelKind], transcript)
	if err != nil {
		return mail.Mail{}, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Final, Err: err}
	}
	return mail.Mail{
		From: copied.From, FromName: copied.FromName,
		Subject: copied.Subject, Text: copied.Text, HTML: copied.HTML, Automatic: true,
	}, nil
}

func transcribe(kind channels.Kind, transcript channels.Transcript) (channels.TranscriptMail, error) {
	transcriber, ok := kind.(channels.Transcriber)
	if !ok {
		return channels.TranscriptMail{}, errors.New("channels of this kind have no transcript")
	}
	if len(transcript.Said) == 0 { // such as when the contact was erased meanwhile
		return channels.TranscriptMail{}, errors.New("there is nothing to tell")
	}
	return transcriber.Transcript(transcript)
}

func (a *Activities) transcript(ctx context.Context, notice store.NoticeMail) (channels.Transcript, error) {
	c := notice.Conversation
	channel, err := a.transcriptChannel(ctx, c)
	if err != nil {
		return channels.Transcript{}, err
	}
	messages, more, err := a.Store.LastMessages(ctx, c.ID, transcriptMessages)
	if err != nil {
		return channels.Transcript{}, err
	}
	shown, err := a.shownBefore(ctx, c)
	if err != nil {
		return channels.Transcript{}, err
	}
	out := channels.Transcript{Company: notice.Account.Name, Channel: channel, Language: spokenTo(messages), Cut: more}
	if notice.Notice.AskedBy != "" {
		out.Contact = notice.ContactName // a contact who asks is "you"
	}
	names := map[string]string{}
	size := 0
	for _, message := range slices.Backward(messages) {
		said := channels.Saying{ByContact: message.Direction == inbox.DirectionIn, Text: message.Text, At: message.CreatedAt}
		for _, file := range message.Attachments {
			said.Files = append(said.Files, file.Name)
		}
		if !message.State.Shared() || said.Text == "" && len(said.Files) == 0 {
			continue
		}
		opening := shown[message.ID]
		if size += len(said.Text) + len(opening); size > transcriptBytes {
			out.Cut = true
			break
		}
		if message.Author.Kind == inbox.AuthorAgent {
			if said.Name, err = a.agentName(ctx, names, message.Author.ID); err != nil {
				return channels.Transcript{}, err
			}
		}
		out.Said = append(out.Said, said)
		if opening != "" {
			out.Said = append(out.Said, channels.Saying{Text: opening})
		}
	}
	slices.Reverse(out.Said)
	return out, nil
}

// transcriptChannel is the conversation's channel as it is now, not as when the
// conversation began: a sender that was wrong can be put right.
func (a *Activities) transcriptChannel(ctx context.Context, c inbox.Conversation) (inbox.Channel, error) {
	channel, err := a.Store.Channel(ctx, c.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		channel, err = a.Store.ChannelAt(ctx, c.ChannelID, c.ChannelRevision)
	}
	if err != nil {
		return inbox.Channel{}, fmt.Errorf("load channel: %w", err)
	}
	return channel, nil
}

// spokenTo is the language that the contact was spoken to last, "" when nothing tells.
func spokenTo(messages []inbox.Message) string {
	for _, message := range slices.Backward(messages) {
		for _, field := range message.Fields {
			if field.Name == channels.LanguageField && message.Direction == inbox.DirectionIn {
				return strings.Join(field.Values, "")
			}
		}
	}
	return ""
}

// shownBefore is what the contact saw before the messages that began episodes, by
// their ids.
func (a *Activities) shownBefore(ctx context.Context, c inbox.Conversation) (map[string]string, error) {
	kind := a.Kinds[c.ChannelKind]
	transcriber, ok := kind.(channels.Transcriber)
	if !ok {
		return nil, nil
	}
	openings, err := a.Store.Openings(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	shown := map[string]string{}
	for _, opening := range openings {
		text := ""
		if opening.Flow != nil {
			flow, err := channels.Worded(*opening.Flow, kind, opening.Channel)
			if err != nil {
				return nil, err
			}
			text = routing.ChatflowOpening(flow).Text
		}
		if text == "" && opening.Episode == 1 {
			if text, err = transcriber.Welcome(opening.Channel); err != nil {
				return nil, err
			}
		}
		shown[opening.MessageID] = text
	}
	return shown, nil
}

// agentName looks an agent up once.
func (a *Activities) agentName(ctx context.Context, known map[string]string, id string) (string, error) {
	if name, ok := known[id]; ok {
		return name, nil
	}
	agent, err := a.Store.Agent(ctx, id)
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return "", fmt.Errorf("load agent: %w", err)
	}
	known[id] = agent.Name
	return agent.Name, nil
}

// sendMail makes one try; errors are *channels.SendError.
type sendMail func(ctx context.Context, m mail.Mail) error

var errPaused = errors.New("the mailbox's provider has it wait")

// teamMailer is the e-mail kind, which sends from its channels' own addresses.
type teamMailer interface {
	channels.Sender
	SendMail(ctx context.Context, channel inbox.Channel, m mail.Mail, composedAt time.Time) error
}

// wayOut is how a notice leaves that is from an address: as the answers of the
// e-mail channel that has it, through its mailbox, since no other server may send in
// its name, and not while its provider has it wait. From "", and from what is no
// channel's address any more, it leaves by the server's own sender.
func (a *Activities) wayOut(ctx context.Context, notice store.NoticeMail, from string) (sendMail, error) {
	team, channel, err := a.teamOf(ctx, from)
	if err != nil {
		return nil, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Retry, Err: err}
	}
	if team == nil {
		return func(ctx context.Context, m mail.Mail) error {
			m.From = ""
			return a.Mail.Send(ctx, m)
		}, nil
	}
	return func(ctx context.Context, m mail.Mail) error {
		if pause := channel.PausedUntil.Sub(a.Now()); pause > 0 {
			return &channels.SendError{Code: inbox.CodeRateLimited, Outcome: channels.Retry, RetryAfter: pause, Err: errPaused}
		}
		err := team.SendMail(ctx, channel, m, notice.Notice.CreatedAt)
		if failure, ok := errors.AsType[*channels.SendError](err); ok && failure.Outcome == channels.Retry {
			if err := a.pause(ctx, channel, failure); err != nil {
				return &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Retry, Err: err}
			}
		}
		return err
	}, nil
}

// teamOf is the e-mail channel that has an address; nil is none.
func (a *Activities) teamOf(ctx context.Context, address string) (teamMailer, inbox.Channel, error) {
	team, ok := a.Kinds[inbox.KindEmail].(teamMailer)
	if address == "" || !ok {
		return nil, inbox.Channel{}, nil
	}
	channel, err := a.Store.ChannelByAccount(ctx, inbox.KindEmail, address)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil, inbox.Channel{}, nil
	}
	return team, channel, err
}

// TranscriptQueue is the queue that a transcript leaves from: that of the mailbox that
// sends in its sender's name, at its provider's rate.
func (a *Activities) TranscriptQueue(ctx context.Context, noticeID string) (string, error) {
	notice, err := a.Store.Notice(ctx, noticeID)
	if err != nil {
		return "", final(fmt.Errorf("load transcript: %w", err))
	}
	c, err := a.Store.Conversation(ctx, notice.Episode.ConversationID)
	if err != nil {
		return "", final(fmt.Errorf("load conversation: %w", err))
	}
	from, err := a.transcriptFrom(ctx, c)
	if err != nil {
		return "", err
	}
	team, channel, err := a.teamOf(ctx, from)
	if err != nil || team == nil {
		return MailQueue, err
	}
	return team.Queue(channel), nil
}

// transcriptFrom is the sender of a conversation's transcripts.
func (a *Activities) transcriptFrom(ctx context.Context, c inbox.Conversation) (string, error) {
	transcriber, ok := a.Kinds[c.ChannelKind].(channels.Transcriber)
	if !ok {
		return "", nil
	}
	channel, err := a.transcriptChannel(ctx, c)
	if err != nil {
		return "", err
	}
	return transcriber.TranscriptFrom(channel)
}
