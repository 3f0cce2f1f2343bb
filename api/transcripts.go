package api

import (
	"context"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

// One client address may have transcripts mailed so often, whichever visitor and
// conversation it says it is.
const (
	transcriptsASecond = 1.0 / 180
	transcriptsAtOnce  = 10
)

// RequestTranscript mails a copy of the visitor's thread (C10).
func (p *public) RequestTranscript(c *gin.Context, _ string) {
	if wait, ok := p.transcripts.take(network(c.ClientIP()), p.clock()); !ok {
		refuse(c, tooOften(c, wait))
		return
	}
	conversation, err := p.visitorsThread(c)
	if err == nil {
		err = asked(c).takesIn()
	}
	p.mailTranscript(c, conversation, "", err)
}

// SendTranscript mails a copy of a conversation, as an agent asks.
func (s *server) SendTranscript(c *gin.Context, id string) {
	conversation, err := s.visibleConversation(c, id)
	if _, ok := s.kinds[conversation.ChannelKind].(channels.Transcriber); err == nil && !ok {
		err = inbox.Errorf(inbox.CodeConflict, "There is no transcript of conversations of this kind.")
	}
	s.mailTranscript(c, conversation, caller(c).ID, err)
}

// mailTranscript answers for both; err is why it is not to be.
func (p *public) mailTranscript(c *gin.Context, conversation inbox.Conversation, askedBy string, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.TranscriptRequest](c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	address, err := p.transcriptTo(ctx, conversation, strings.TrimSpace(given(in.Email)))
	if err != nil {
		refuse(c, err)
		return
	}
	now := time.Now().UTC()
	again, err := p.intake.Transcript(ctx, inbox.Transcript{
		Episode: inbox.EpisodeRef{ConversationID: conversation.ID, Episode: conversation.Episode}, Address: address, AskedBy: askedBy, At: now,
	})
	if err != nil {
		refuse(c, err)
		return
	}
	if !again.IsZero() {
		refuse(c, tooOften(c, int(math.Ceil(again.Sub(now).Seconds()))))
		return
	}
	c.Status(http.StatusAccepted)
}

// checkTranscriptSender refuses a new sender that is no e-mail channel's address:
// nobody may send in anybody's name, and what is answered has to arrive (C10).
func (s *server) checkTranscriptSender(ctx context.Context, before, after inbox.Channel) error {
	if after.Kind != inbox.KindChat {
		return nil
	}
	wanted, err := chat.ReadSettings(after.Settings)
	if err != nil || wanted.TranscriptFrom.Address == "" {
		return err
	}
	if before.ID != "" {
		was, err := chat.ReadSettings(before.Settings)
		if err != nil || was.TranscriptFrom.Address == wanted.TranscriptFrom.Address {
			return err
		}
	}
	_, err = s.store.ChannelByAccount(ctx, inbox.KindEmail, wanted.TranscriptFrom.Address)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.Invalid("settings.transcript_from.address", "Choose the address of one of your e-mail channels.")
	}
	return err
}

// transcriptTo is the address asked for, or else one of the contact's.
func (p *public) transcriptTo(ctx context.Context, conversation inbox.Conversation, asked string) (string, error) {
	if asked == "" && conversation.ContactID != "" {
		contact, err := p.store.Contact(ctx, conversation.ContactID)
		if err != nil {
			return "", err
		}
		asked = contact.Identity(inbox.IdentityEmail)
	}
	if !channels.ReachableEmail(asked) {
		return "", inbox.Invalid("email", "Enter an e-mail address such as name@example.com.")
	}
	return asked, nil
}
