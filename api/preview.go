package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/routing"
)

const (
	// previewFor is how long a preview's link works.
	previewFor = time.Hour
	// maxDraft bounds what is posted of it: an agent's body, sealed and in base64.
	maxDraft = 2 * maxBody
	// previewOwner is what a draft is sealed for.
	previewOwner = "preview"
)

// draft is a channel as it would be saved. It is kept nowhere but in the link, where
// it is sealed: nobody else can have our pages say what they like.
type draft struct {
	ChannelID string          `json:"channel_id"`
	Name      string          `json:"name"`
	Settings  json.RawMessage `json:"settings"`
	// Flow is the chatflow that would be active.
	Flow  *inbox.Chatflow `json:"flow,omitempty"`
	Until time.Time       `json:"until"`
}

// PreviewChannel checks changes as if they were saved and answers a link to what
// people outside would see (C9, M5, E6).
func (s *server) PreviewChannel(c *gin.Context, id string) {
	current, err := s.visibleChannel(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	if _, ok := s.kinds[current.Kind].(channels.Previewer); !ok && current.Kind != inbox.KindChat {
		refuse(c, inbox.NotFound("preview of this kind of channel"))
		return
	}
	in, err := decode[struct{ Changes, Chatflow json.RawMessage }](c)
	if err != nil {
		refuse(c, err)
		return
	}
	channel := current
	if in.Changes != nil {
		if channel, err = s.patchedChannel(current, in.Changes); err != nil {
			refuse(c, within("changes", err))
			return
		}
	}
	flow, err := s.draftFlow(c.Request.Context(), channel, in.Chatflow)
	if err != nil {
		refuse(c, within("chatflow", err))
		return
	}
	until := time.Now().Add(previewFor).UTC().Truncate(time.Second)
	link, err := s.previewLink(channel, draft{ChannelID: id, Name: channel.Name, Settings: channel.Settings, Flow: flow, Until: until})
	answer(c, http.StatusOK, link, err, func(link string) contract.Preview {
		return contract.Preview{URL: link, ExpiresAt: until}
	})
}

// draftFlow is the channel's active chatflow with changes, if any; nil is none.
func (s *server) draftFlow(ctx context.Context, channel inbox.Channel, patch json.RawMessage) (*inbox.Chatflow, error) {
	flow, err := s.store.ActiveChatflow(ctx, channel.ID)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound && patch == nil:
		return nil, nil
	case inbox.CodeOf(err) == inbox.CodeNotFound:
		if !hasSteps(patch) {
			return nil, noActiveFlow()
		}
		flow = inbox.Chatflow{ChannelID: channel.ID, Name: channel.Name, Patience: inbox.DefaultPatience}
	case err != nil:
		return nil, err
	}
	if patch != nil {
		flow, err = patchedChatflow(flow, patch, channel.Kind)
	}
	return &flow, err
}

// hasSteps reports whether a patch is a chatflow by itself.
func hasSteps(patch json.RawMessage) bool {
	var whole struct {
		Steps json.RawMessage `json:"steps"`
	}
	return json.Unmarshal(patch, &whole) != nil || whole.Steps != nil // what is no chatflow is refused by who reads it
}

func noActiveFlow() error {
	refusal := inbox.Invalid("steps", "No chatflow is active on this channel that this could change.")
	refusal.Remedy = "Send a whole chatflow with its steps, or activate one first."
	return refusal
}

// previewLink seals a draft into a link. What the page has to know of it stands in
// the clear.
func (s *server) previewLink(channel inbox.Channel, d draft) (string, error) {
	if s.mailboxes.Keys == nil {
		refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no keys to seal a preview's link with.")
		refusal.Remedy = "Set SWITCHBOARD_SECRETS_KEYSET to what `switchboard admin keyset` prints."
		return "", refusal
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encode draft: %w", err)
	}
	sealed, err := s.mailboxes.Keys.Seal(raw, previewOwner)
	if err != nil {
		return "", err
	}
	about := url.Values{
		"draft": {base64.RawURLEncoding.EncodeToString(sealed)}, "until": {d.Until.Format(time.RFC3339)},
		"kind": {string(channel.Kind)}, "name": {channel.Name},
	}
	switch channel.Kind {
	case inbox.KindForm:
		about["language"] = form.Languages()
	case inbox.KindChat:
		settings, err := chat.ReadSettings(d.Settings)
		if err != nil {
			return "", err
		}
		about["state"] = each(routing.ChatStates(routing.ChatMode(settings.Availability.Mode)),
			func(state routing.ChatAvailability) string { return string(state) })
		about["language"] = chat.Languages()
	}
	return s.publicURL + "/previews#" + about.Encode(), nil
}

// openDraft returns a draft that we sealed, and its channel with it.
func (s *server) openDraft(ctx context.Context, text string) (draft, inbox.Channel, error) {
	var d draft
	tooOld := inbox.Errorf(inbox.CodeNotFound, "This preview is too old, or its address is not complete.")
	tooOld.Remedy = "Ask for a new one."
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || s.mailboxes.Keys == nil {
		return d, inbox.Channel{}, tooOld
	}
	raw, err := s.mailboxes.Keys.Open(sealed, previewOwner)
	if err != nil {
		return d, inbox.Channel{}, tooOld
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, inbox.Channel{}, fmt.Errorf("read draft: %w", err)
	}
	if !time.Now().Before(d.Until) {
		return d, inbox.Channel{}, tooOld
	}
	channel, err := s.store.Channel(ctx, d.ChannelID)
	channel.Name, channel.Settings = d.Name, d.Settings
	return d, channel, err
}
