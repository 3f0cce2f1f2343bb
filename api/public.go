package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/channels/form"
	"switchboard/channels/twilio"
	"switchboard/inbox"
	"switchboard/store"
)

// Intake is the one way in; *intake.Service is one. Without an error the
// message is durable.
type Intake interface {
	Receive(ctx context.Context, in store.Inbound) (store.Receipt, error)
	// Transcript takes it on to mail a copy; again is when one may be asked for, zero
	// for one that was taken on.
	Transcript(ctx context.Context, transcript inbox.Transcript) (again time.Time, err error)
}

// public is the half of the contract that is called from outside: forms, chats and
// webhooks.
type public struct {
	store  *store.Store
	intake Intake
	hub    *Hub
	// twilio checks what whatsApp takes in.
	twilio   *twilio.Signatures
	media    *twilio.Media
	whatsApp WhatsApp
	calls    Calls
	limits   *limiter[netip.Prefix]
	// transcripts limits them besides, and visitors what one of them says and does.
	transcripts *limiter[netip.Prefix]
	visitors    *limiter[string]
	streams     *streamLimits
	memory      *memory
	// slowGrace is how long a slow client has at first, and answerGraces how many times
	// as long to take an answer.
	slowGrace, answerGraces time.Duration
	// clock is the limits'.
	clock func() time.Time
	// sealer opens the secrets of websites; nil without keys.
	sealer Sealer
	log    *slog.Logger
	// heartbeat is how often an event stream without events says something.
	heartbeat time.Duration
}

const (
	// maxSubmission bounds what has files, maxFormBody what else a form takes: many of
	// its longest answers. maxChatBody is what else a visitor says at once.
	maxSubmission = 10 << 20
	maxFormBody   = 1 << 20
	maxChatBody   = 256 << 10

	channelKey = "channel"
	// sandboxed is the origin of pages in sandboxed frames.
	sandboxed  = "null"
	formsRoute = "/forms/:channel_id"
	chatRoute  = "/chat/:channel_id/"

	consentRoute = "/oauth/:provider/callback"
)

// publicChannel is the channel a public request is for.
type publicChannel struct {
	inbox.Channel
	origins channels.Origins
	// form or chat are set, by the channel's kind.
	form form.Settings
	chat chat.Settings
}

// guard stands before every public operation: it limits requests per address and,
// for those of a channel, bodies; it finds the channel and holds its allowed
// origins. Other routes pass.
func (p *public) guard(c *gin.Context) {
	kind, ok := publicKind(c.FullPath())
	if !ok && c.FullPath() != consentRoute && c.FullPath() != framesRoute {
		return
	}
	if wait, ok := p.limits.take(network(c.ClientIP()), p.clock()); !ok {
		// The origin is not looked up for somebody who asks too often.
		c.Header("Access-Control-Allow-Origin", "*")
		p.refuse(c, tooOften(c, wait))
		return
	}
	if c.FullPath() == framesRoute {
		limitBody(c, maxDraft)
	}
	if !ok {
		return
	}
	most := int64(maxChatBody)
	switch {
	case c.ContentType() == gin.MIMEMultipartPOSTForm:
		most = maxSubmission
	case kind == inbox.KindForm:
		most = maxFormBody
	}
	limitBody(c, most)
	channel, err := p.channel(c.Request.Context(), kind, c.Param("channel_id"))
	if err != nil {
		p.refuse(c, err)
		return
	}
	c.Set(channelKey, channel)
	if strings.HasPrefix(c.FullPath(), chatRoute+"widget") && c.GetHeader("Origin") == sandboxed {
		// The script is the same for every channel and says nothing of one; the preview's
		// frames are sandboxed. A session is refused all the same.
		c.Header("Vary", "Origin")
		c.Header("Access-Control-Allow-Origin", sandboxed)
		return
	}
	p.holdOrigin(c, channel.origins)
}

func publicKind(route string) (inbox.ChannelKind, bool) {
	switch {
	case strings.HasPrefix(route, formsRoute):
		return inbox.KindForm, true
	case strings.HasPrefix(route, chatRoute):
		return inbox.KindChat, true
	default:
		return "", false
	}
}

func (p *public) channel(ctx context.Context, kind inbox.ChannelKind, id string) (publicChannel, error) {
	if !plainID.MatchString(id) {
		return publicChannel{}, inbox.NotFound(string(kind))
	}
	channel, err := p.store.Channel(ctx, id)
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && channel.Kind != kind {
		return publicChannel{}, inbox.NotFound(string(kind))
	}
	if err != nil {
		return publicChannel{}, err
	}
	found := publicChannel{Channel: channel}
	if kind == inbox.KindForm {
		found.form, err = form.ReadSettings(channel.Settings)
		// A form without a title is called like its channel.
		found.form.Title = cmp.Or(found.form.Title, channel.Name)
		found.origins = found.form.AllowedOrigins
	} else {
		found.chat, err = chat.ReadSettings(channel.Settings)
		found.origins = found.chat.AllowedOrigins
	}
	return found, err
}

// holdOrigin refuses browsers on websites that may not use the channel, and
// lets the others read the answer (CORS). No cookie is ever involved.
func (p *public) holdOrigin(c *gin.Context, allowed channels.Origins) {
	origin := c.GetHeader("Origin")
	if origin == "" {
		return
	}
	c.Header("Vary", "Origin")
	if !ownPage(c.Request, origin) && !allowed.Allow(origin) {
		p.refuse(c, inbox.Errorf(inbox.CodeOriginNotAllowed, "This website may not use this channel."))
		return
	}
	c.Header("Access-Control-Allow-Origin", origin)
	c.Header("Access-Control-Expose-Headers", "Retry-After")
}

// ownPage reports whether a page of ours asks, such as the ready form.
func ownPage(r *http.Request, origin string) bool {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return true
	}
	parsed, err := url.Parse(origin)
	return err == nil && parsed.Host != "" && parsed.Host == r.Host
}

// registerPreflight answers what browsers ask before they call from another
// website; guard has looked at the origin.
func registerPreflight(engine *gin.Engine) {
	preflight := func(c *gin.Context) {
		c.Header("Access-Control-Allow-Methods", "GET, POST")
		c.Header("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
		c.Header("Access-Control-Max-Age", "600")
		c.Status(http.StatusNoContent)
	}
	for _, route := range []string{
		formsRoute + "/submissions",
		chatRoute + "sessions", chatRoute + "messages", chatRoute + "messages/:message_id/attachments/:attachment_id", chatRoute + "events", chatRoute + "identify",
		chatRoute + "typing", chatRoute + "read", chatRoute + "transcripts",
	} {
		engine.OPTIONS(route, preflight)
	}
}

// asked is the channel guard found.
func asked(c *gin.Context) publicChannel { return c.MustGet(channelKey).(publicChannel) }

// takesIn refuses what a switched-off channel no longer takes (G14).
func (ch publicChannel) takesIn() error {
	if !ch.Enabled {
		return inbox.Errorf(inbox.CodeChannelDisabled, "This %s is switched off.", ch.Kind)
	}
	return nil
}

// refuse answers people on a form's page with a page, programs with a problem.
func (p *public) refuse(c *gin.Context, err error) {
	if kind, _ := publicKind(c.FullPath()); kind != inbox.KindForm || !wantsPage(c) {
		refuse(c, err)
		return
	}
	c.Abort()
	// Of a form that is not there only the browser's language is known.
	channel := publicChannel{form: form.Settings{BrowserLanguage: true}}
	if found, ok := c.Value(channelKey).(publicChannel); ok {
		channel = found
	}
	_, status := problemOf(c, err)
	p.page(c, status, channel.form, func(w *strings.Builder) error {
		return form.WriteRefusal(w, channel.form, formLanguage(c, channel.form), err)
	})
}

// wantsPage reports whether the client prefers HTML to JSON.
func wantsPage(c *gin.Context) bool {
	return c.NegotiateFormat(gin.MIMEJSON, gin.MIMEHTML) == gin.MIMEHTML
}

// page answers with an HTML page.
func (p *public) page(c *gin.Context, status int, settings form.Settings, write func(*strings.Builder) error) {
	var html strings.Builder
	if err := write(&html); err != nil {
		refuse(c, err)
		return
	}
	c.Header("Content-Security-Policy", form.ContentSecurityPolicy(settings))
	if settings.BrowserLanguage {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	// Without it a browser posts from our page as coming from nowhere.
	c.Header("Referrer-Policy", "same-origin")
	c.Data(status, "text/html; charset=utf-8", []byte(html.String()))
}
