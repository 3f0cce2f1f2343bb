package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/call"
	"switchboard/channels/chat"
	"switchboard/channels/email"
	"switchboard/channels/form"
	"switchboard/channels/mail"
	"switchboard/channels/messenger"
	"switchboard/channels/remote"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/pages"
	"switchboard/routing"
	"switchboard/workflows"
)

// kindsOf lists the kinds of channel that are offered. A new kind is one folder
// in channels and one line here.
func kindsOf(
	sender *mail.Sender, from, mailDomain string, connected email.Mailboxes, facebook *pages.Service, graphURL string, whatsApp *whatsapp.Channel,
) []channels.Kind {
	return []channels.Kind{
		form.New(sender, from),
		&email.Channel{Mail: sender, Mailboxes: connected, Domain: mailDomain},
		&chat.Channel{CheckHours: routing.CheckHours},
		whatsApp,
		&messenger.Channel{API: facebook.API, Pages: facebook, Files: remote.New([]string{graphURL})},
		&call.Channel{Twilio: whatsApp.Twilio},
	}
}

// listen starts the API. Its event streams end with running.
func (s *Server) listen(running context.Context, conversations *workflows.Client) error {
	hub := api.NewHub(s.store, s.log)
	s.store.OnCommit(hub.Wake)
	calls := s.intake.Calls(s.config.PublicURL+"/webhooks/twilio/voice", time.Now)
	handler, err := api.New(api.Options{
		Store:         s.store,
		Intake:        s.intake,
		Conversations: conversations,
		Reprocess: map[string]api.Reprocess{
			intake.QuarantinedMail:      s.mail.Reprocess,
			intake.QuarantinedMessenger: s.messenger.Reprocess,
			intake.QuarantinedWhatsApp:  s.intake.WhatsApp().Reprocess,
			intake.QuarantinedCall:      calls.Reprocess,
		},
		Facebook: s.facebook,
		Messenger: api.Messenger{
			AppSecret: s.config.Messenger.AppSecret, VerifyToken: s.config.Messenger.VerifyToken, Intake: s.messenger,
		},
		Twilio:         signaturesOf(s.config),
		Media:          mediaOf(s.config),
		WhatsApp:       s.intake.WhatsApp(),
		Calls:          calls,
		Phones:         s.steps.Kinds[inbox.KindCall].(*call.Channel),
		Hub:            hub,
		Kinds:          s.kinds,
		Mailboxes:      s.mailboxes,
		Readers:        conversations,
		Templates:      conversations,
		Mail:           s.steps.Mail,
		PublicURL:      s.config.PublicURL,
		PublicRate:     s.config.PublicRate,
		PublicBurst:    s.config.PublicBurst,
		TrustedProxies: s.config.TrustedProxies,
		Log:            s.log,
		Metrics:        s.metrics.Handler(),
		Measure:        s.metrics.Request,
		Ready:          map[string]func(context.Context) error{"temporal": s.checkTemporal},
	})
	if err != nil {
		return fmt.Errorf("build API: %w", err)
	}
	var config net.ListenConfig
	if s.listener, err = config.Listen(running, "tcp", s.config.HTTPAddress); err != nil {
		return fmt.Errorf("listen for the API: %w", err)
	}
	s.http = httpServer(s.pages.beside(handler))
	s.background.Go(func() { hub.Run(running) })
	s.background.Go(func() {
		if err := s.http.Serve(s.listener); err != http.ErrServerClosed {
			s.fail(err)
		}
	})
	return nil
}

// beside returns a handler of the pages and, for everything else, the API.
func (p Pages) beside(api http.Handler) http.Handler {
	if len(p) == 0 {
		return api
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	for pattern, page := range p {
		mux.Handle(pattern, page)
	}
	return mux
}

func (s *Server) checkTemporal(ctx context.Context) error {
	_, err := s.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}
