package api

import (
	"cmp"
	"context"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/web"
)

const (
	previewsRoute = "/previews"
	framesRoute   = previewsRoute + "/frames"

	// previewPolicy is the page's: it shows our frames and knows nothing itself, so
	// that an admin's own page may hold it.
	previewPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'"
	// chatFramePolicy lets the real widget run and nothing out of the frame;
	// framePolicy runs nothing.
	chatFramePolicy = "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src https: data: blob:; " +
		"connect-src 'none'; form-action 'none'; base-uri 'none'"
	framePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; base-uri 'none'"
)

// GetPreview answers the page that a preview's link leads to (C9).
func (p *public) GetPreview(c *gin.Context) { previewPart(c, "preview.html") }

// GetPreviewPart answers a script or style sheet of that page.
func (p *public) GetPreviewPart(c *gin.Context, part contract.GetPreviewPartParamsPart) {
	previewPart(c, string(part))
}

func previewPart(c *gin.Context, name string) {
	content, err := fs.ReadFile(web.Preview, "preview/"+name)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Content-Security-Policy", previewPolicy)
	c.Header("Referrer-Policy", "no-referrer")
	c.Data(http.StatusOK, mime.TypeByExtension(path.Ext(name)), content)
}

// RenderPreview answers what one frame of the page shows. Whoever has the link may
// see it.
func (s *server) RenderPreview(c *gin.Context) {
	ctx := c.Request.Context()
	draft, channel, err := s.openDraft(ctx, c.PostForm("draft"))
	if err != nil {
		refuse(c, err)
		return
	}
	html, policy := "", framePolicy
	if channel.Kind == inbox.KindChat {
		policy = chatFramePolicy
		html, err = s.chatFrame(ctx, channel, draft.Flow, scene{
			state: routing.ChatAvailability(c.PostForm("state")), show: c.PostForm("show"),
			language: c.PostForm("language"), dark: c.PostForm("scheme") == "dark",
		})
	} else {
		html, err = s.staticFrame(ctx, channel, draft.Flow, c.PostForm("language"))
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Content-Security-Policy", policy)
	c.Header("Referrer-Policy", "no-referrer")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(html))
}

// scene is what a chat is shown as.
type scene struct {
	state    routing.ChatAvailability
	show     string
	language string
	dark     bool
}

// chatFrame is a page with the real widget as a visitor nobody knows would meet it.
func (s *server) chatFrame(ctx context.Context, channel inbox.Channel, flow *inbox.Chatflow, scene scene) (string, error) {
	settings, err := chat.ReadSettings(channel.Settings)
	if err != nil {
		return "", err
	}
	public := publicChannel{Channel: channel, chat: settings}
	shown := chat.Preview{ChannelID: channel.ID, Open: scene.show != "launcher" && scene.show != "prompt", Dark: scene.dark, Said: map[string][]chat.WidgetOpening{}}
	var opening *chat.WidgetOpening
	if flow != nil {
		if chat.HasLanguage(flow.Language) {
			public.chat.Language = flow.Language
		}
		if opening, shown.Said, err = previewedFlow(*flow, channel); err != nil {
			return "", err
		}
	}
	if chat.HasLanguage(scene.language) {
		public.chat.Language = scene.language
	}
	state, mode := scene.state, routing.ChatMode(settings.Availability.Mode)
	if !slices.Contains(routing.ChatStates(mode), state) {
		state = routing.ChatOpen
	}
	presence, err := routing.ChatIn(state, chatQuestion(settings.Availability, time.Now()))
	if err != nil {
		return "", err
	}
	if shown.Widget, err = s.widgetOf(ctx, public, chat.People{}, presenceOf(presence), opening); err != nil {
		return "", err
	}
	switch prompt := shown.Widget.Prompt; {
	case shown.Widget.Hidden:
		shown.Open, shown.Widget.Prompt, shown.Note = false, nil, "In this state the chat is hidden."
	case scene.show == "prompt" && prompt == nil:
		shown.Note = "The prompt is switched off, or it has no text."
	case scene.show == "prompt":
		prompt.DelaySeconds = 0
	default:
		shown.Widget.Prompt = nil
	}
	return shown.Page()
}

// previewedFlow is what a chatflow shows at first, and what it says to the first
// message, by the button that is pressed.
func previewedFlow(flow inbox.Chatflow, channel inbox.Channel) (*chat.WidgetOpening, map[string][]chat.WidgetOpening, error) {
	flow, err := channels.Worded(flow, &chat.Channel{}, channel)
	if err != nil {
		return nil, nil, err
	}
	said := map[string][]chat.WidgetOpening{"": each(firstAnswer(flow, inbox.QuickReply{}), openingOut)}
	opening := routing.ChatflowOpening(flow)
	for _, reply := range opening.QuickReplies {
		said[reply.Payload] = each(firstAnswer(flow, reply), openingOut)
	}
	if opening.Text == "" {
		return nil, said, nil
	}
	shown := openingOut(opening)
	return &shown, said, nil
}

// firstAnswer is what a chatflow says to a contact's first message.
func firstAnswer(flow inbox.Chatflow, pressed inbox.QuickReply) []inbox.ChatflowLine {
	text := cmp.Or(pressed.Title, "…")
	return routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, Text: text, Payload: pressed.Payload}).Say
}

func openingOut(line inbox.ChatflowLine) chat.WidgetOpening {
	return chat.WidgetOpening{Text: line.Text, QuickReplies: listed(line.QuickReplies)}
}

// staticFrame is a page without scripts.
func (s *server) staticFrame(ctx context.Context, channel inbox.Channel, flow *inbox.Chatflow, language string) (string, error) {
	kind := s.kinds[channel.Kind]
	previewer, ok := kind.(channels.Previewer)
	if !ok {
		return "", inbox.NotFound("preview of this kind of channel")
	}
	site, err := s.site(ctx)
	if err != nil {
		return "", err
	}
	shown := channels.Draft{Channel: channel, Language: language}
	page, err := s.store.FacebookPage(ctx, channel.ID)
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return "", err
	}
	shown.Page = page.Name
	if flow != nil {
		worded, err := channels.Worded(*flow, kind, channel)
		if err != nil {
			return "", err
		}
		shown.Greeting, shown.Said = strings.TrimSpace(worded.Greeting), firstAnswer(worded, inbox.QuickReply{})
	}
	return previewer.Preview(shown, site)
}
