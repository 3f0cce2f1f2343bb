package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
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
	// As it is now, not as when the conversation began: a sender that was wrong can
	// be put right.
	channel, err := a.Store.Channel(ctx, c.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		channel, err = a.Store.ChannelAt(ctx, c.ChannelID, c.ChannelRevision)
	}
	if err != nil {
		return channels.Transcript{}, fmt.Errorf("load channel: %w", err)
	}
	messages, more, err := a.Store.LastMessages(ctx, c.ID, transcriptMessages)
	if err != nil {
		return channels.Transcript{}, err
	}
	out := channels.Transcript{Company: notice.Account.Name, Channel: channel, Cut: more}
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
		if size += len(said.Text); size > transcriptBytes {
			out.Cut = true
			break
		}
		if message.Author.Kind == inbox.AuthorAgent {
			if said.Name, err = a.agentName(ctx, names, message.Author.ID); err != nil {
				return channels.Transcript{}, err
			}
		}
		out.Said = append(out.Said, said)
	}
	slices.Reverse(out.Said)
	return out, nil
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

// teamMailer is the e-mail kind, which sends from its channels' own addresses.
type teamMailer interface {
	SendMail(ctx context.Context, channel inbox.Channel, m mail.Mail, composedAt time.Time) error
}

// wayOut is how a notice leaves that is from an address: as the answers of the
// e-mail channel that has it, through its mailbox, since no other server may send in
// its name. From "", and from what is no channel's address any more, it leaves by
// the server's own sender.
func (a *Activities) wayOut(ctx context.Context, notice store.NoticeMail, from string) (sendMail, error) {
	own := func(ctx context.Context, m mail.Mail) error {
		m.From = ""
		return a.Mail.Send(ctx, m)
	}
	team, ok := a.Kinds[inbox.KindEmail].(teamMailer)
	if from == "" || !ok {
		return own, nil
	}
	channel, err := a.Store.ChannelByAccount(ctx, inbox.KindEmail, from)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return own, nil
	}
	if err != nil {
		return nil, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Retry, Err: err}
	}
	return func(ctx context.Context, m mail.Mail) error {
		return team.SendMail(ctx, channel, m, notice.Notice.CreatedAt)
	}, nil
}
