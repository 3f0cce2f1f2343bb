package api

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
	"switchboard/mailboxes"
	"switchboard/pages"
	"switchboard/store"
	"switchboard/workflows"
)

// Conversations asks the conversations' workflows; *workflows.Client is one.
// Errors that a user can understand are *inbox.Error, CodeUnavailable when
// Temporal does not answer.
type Conversations interface {
	Reply(ctx context.Context, ref inbox.EpisodeRef, messageID string) error
	Assign(ctx context.Context, ref inbox.EpisodeRef, to workflows.AssignTo, actor inbox.Author) error
	Close(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error
	Reopen(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error
	Snooze(ctx context.Context, ref inbox.EpisodeRef, until time.Time, actor inbox.Author) error
	AgentChanged(ctx context.Context, agentID string) error
}

// Readers are told of mailboxes that were connected or disconnected or have mail;
// *workflows.Client is one.
type Readers interface {
	MailboxChanged(ctx context.Context, mailbox workflows.MailboxInput) error
	// MailboxHint says that new mail may have come.
	MailboxHint(ctx context.Context, mailbox workflows.MailboxInput) error
}

// Templates has a provider asked for its approved templates, and returns when that
// is done; *workflows.Client is one.
type Templates interface {
	RefreshTemplates(ctx context.Context, kind inbox.ChannelKind, queue string) error
}

// Reprocess takes in what was in quarantine. What still cannot be understood is
// CodeInvalid.
type Reprocess func(context.Context, store.QuarantineItem) error

// Options are what New needs; all are required but Messenger, Reprocess, Metrics,
// Measure and Ready.
type Options struct {
	Store         *store.Store
	Intake        Intake
	Conversations Conversations
	// Mailboxes connects channels, and Readers read what was connected. Its keys
	// seal websites' secrets, too.
	Mailboxes *mailboxes.Service
	Readers   Readers
	Templates Templates
	// Mail sends what is mailed at once, and not by a workflow.
	Mail Mailer
	// Facebook connects pages.
	Facebook *pages.Service
	// Messenger takes in what Facebook delivers.
	Messenger Messenger
	// Reprocess reads quarantined items, by their source.
	Reprocess map[string]Reprocess
	// Twilio checks its webhooks, Media where it fetches files, and WhatsApp takes its
	// messages in.
	Twilio   *twilio.Signatures
	Media    *twilio.Media
	WhatsApp WhatsApp
	// Calls takes calls in, and Phones calls agents whose number is to be proved.
	Calls  Calls
	Phones Phones
	// Hub runs as long as the server does.
	Hub *Hub
	// Kinds are the kinds of channel that are offered.
	Kinds []channels.Kind
	// PublicURL is where the server is reached from outside, without a slash at
	// the end.
	PublicURL string
	// PublicRate is how many requests a second one address may make to the public
	// half, PublicBurst how many at once.
	PublicRate  float64
	PublicBurst int
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	// Metrics answers /metrics; Measure is told of every request, by its route's
	// template.
	Metrics http.Handler
	Measure func(method, route string, status int, took time.Duration)
	// Ready are further parts that /readyz asks, by name.
	Ready map[string]func(context.Context) error
	// These are set by tests.
	heartbeat    time.Duration
	memory       *memory
	slowGrace    time.Duration
	answerGraces time.Duration
	readyWithin  time.Duration
	clock        func() time.Time
}

// heartbeat is how often an event stream without events says something, so that
// proxies keep it and the listener's rights are looked at again.
var heartbeat = 15 * time.Second

// server implements contract.ServerInterface. It shares the store, the hub and
// the log with its public half.
type server struct {
	*public
	conversations Conversations
	mailboxes     *mailboxes.Service
	readers       Readers
	refresher     Templates
	phones        Phones
	mailer        Mailer
	embeds        *limiter[string] // of admins, by id
	messenger     Messenger
	facebook      *pages.Service
	reprocess     map[string]Reprocess
	kinds         map[inbox.ChannelKind]channels.Kind
	publicURL     string
	measure       func(method, route string, status int, took time.Duration)
}

var _ contract.ServerInterface = (*server)(nil)

// gin would print its routes and advice.
func init() { gin.SetMode(gin.ReleaseMode) }

// New returns the handler of the whole contract, /healthz, /readyz and /metrics.
func New(o Options) (http.Handler, error) {
	if _, err := operations(); err != nil {
		return nil, err
	}
	s := &server{
		public: &public{
			store: o.Store, intake: o.Intake, hub: o.Hub, log: o.Log, heartbeat: cmp.Or(o.heartbeat, heartbeat),
			twilio: o.Twilio, media: o.Media, whatsApp: o.WhatsApp, calls: o.Calls,
			limits:      newLimiter[netip.Prefix](o.PublicRate, o.PublicBurst, knownClients),
			transcripts: newLimiter[netip.Prefix](transcriptsASecond, transcriptsAtOnce, knownClients),
			visitors:    newLimiter[string](visitorsASecond, visitorsAtOnce, knownClients),
			streams:     newStreamLimits(),
			memory:      cmp.Or(o.memory, newMemory(memoryOfAll, memoryOfClient, memoryWait)),
			slowGrace:   cmp.Or(o.slowGrace, slowGrace), answerGraces: cmp.Or(o.answerGraces, answerGraces),
			clock: time.Now,
		},
		conversations: o.Conversations, reprocess: o.Reprocess, kinds: map[inbox.ChannelKind]channels.Kind{},
		mailboxes: o.Mailboxes, readers: o.Readers, refresher: o.Templates, phones: o.Phones, publicURL: o.PublicURL, measure: o.Measure,
		messenger: o.Messenger, facebook: o.Facebook,
		mailer: o.Mail, embeds: newLimiter[string](embedsAnHour/time.Hour.Seconds(), embedsAnHour, knownClients),
	}
	if o.clock != nil {
		s.clock = o.clock
	}
	if o.Mailboxes != nil && o.Mailboxes.Keys != nil {
		s.sealer = o.Mailboxes.Keys
	}
	for _, kind := range o.Kinds {
		s.kinds[kind.Kind()] = kind
	}
	engine := gin.New()
	if err := engine.SetTrustedProxies(each(o.TrustedProxies, netip.Prefix.String)); err != nil {
		return nil, fmt.Errorf("trust proxies: %w", err)
	}
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // others may be the client's
	engine.HandleMethodNotAllowed = true
	engine.Use(identifyRequest, s.logRequest, recoverToProblem, s.hurry, s.guard, s.authenticate, checkRequest)
	engine.NoRoute(func(c *gin.Context) { refuse(c, inbox.NotFound("page")) })
	engine.NoMethod(func(c *gin.Context) {
		refuse(c, inbox.Errorf(inbox.CodeMethodNotAllowed, "This page does not know the method %s.", c.Request.Method))
	})
	contract.RegisterHandlersWithOptions(engine, s, contract.GinServerOptions{
		// checkRequest refuses whatever could not be bound; this is the net below it.
		ErrorHandler: func(c *gin.Context, err error, _ int) {
			refuse(c, inbox.Errorf(inbox.CodeInvalid, "%v", err))
		},
	})
	registerPreflight(engine)
	registerHealth(engine, o)
	return engine, nil
}
