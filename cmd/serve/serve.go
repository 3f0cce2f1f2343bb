// Package serve puts the parts together and runs them: what production's
// `switchboard serve` and the laptop's `dev` have in common.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/mailboxes"
	"switchboard/observe"
	"switchboard/pages"
	"switchboard/smtpd"
	"switchboard/store"
	"switchboard/workflows"
)

// Server is a running process: API, worker, or both.
type Server struct {
	config     config.Config
	pages      Pages
	log        *slog.Logger
	metrics    *observe.Metrics
	store      *store.Store
	temporal   client.Client
	steps      *activities.Activities
	intake     *intake.Service
	mail       *intake.Mail
	postmaster *intake.Postmaster
	messenger  *intake.Messenger
	kinds      []channels.Kind
	mailboxes  *mailboxes.Service
	facebook   *pages.Service
	listener   net.Listener
	http       *http.Server
	// smtp takes mail in; nil when no address is configured.
	smtp         *smtpd.Server
	mailListener net.Listener
	// background are the goroutines that end with stopStreams and stopWork.
	background  sync.WaitGroup
	stopStreams context.CancelFunc
	stopWork    context.CancelFunc
	// failed receives what ends the process: a listener or worker that died.
	failed chan error
}

// Pages are served beside the API, by their http.ServeMux pattern.
type Pages map[string]http.Handler

// ErrNotMigrated asks for `switchboard migrate`.
var ErrNotMigrated = errors.New("the database is not up to date: run `switchboard migrate` first")

// Start returns when the API listens. A Temporal that is away does not keep it
// from starting: messages are stored, and the worker starts when it is there. Pages
// are what the command adds; production adds none.
func Start(ctx context.Context, cfg config.Config, log *slog.Logger, pages Pages) (*Server, error) {
	s := &Server{config: cfg, pages: pages, log: log, metrics: observe.NewMetrics(), failed: make(chan error, 2)}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	var err error
	if s.store, err = store.Open(ctx, s.config.DatabaseURL); err != nil {
		return err
	}
	switch migrated, err := s.store.Migrated(ctx); {
	case err != nil:
		return fmt.Errorf("check migrations: %w", err)
	case !migrated:
		return ErrNotMigrated
	}
	if s.temporal, err = dial(s.config.Temporal, s.log, s.metrics); err != nil {
		return err
	}
	conversations, err := s.assemble()
	if err != nil {
		return err
	}
	var streaming, working context.Context
	streaming, s.stopStreams = context.WithCancel(context.WithoutCancel(ctx))
	working, s.stopWork = context.WithCancel(context.WithoutCancel(ctx))
	if s.config.Role != config.RoleWorker && s.config.InboundSMTP.Address != "" {
		if err := s.takeMail(ctx); err != nil {
			return err
		}
	}
	if s.config.Role != config.RoleWorker {
		if err := s.listen(streaming, conversations); err != nil {
			return err
		}
	}
	if s.config.Role != config.RoleAPI {
		s.background.Go(func() { s.work(working) })
	}
	return nil
}

// assemble wires the parts that both roles need.
func (s *Server) assemble() (*workflows.Client, error) {
	signer, err := signerOf(s.config.DKIM)
	if err != nil {
		return nil, err
	}
	sender, err := mail.NewSender(mail.Settings{
		Address:  s.config.SMTP.Address,
		Username: s.config.SMTP.Username,
		Password: s.config.SMTP.Password,
		TLS:      mail.TLS(s.config.SMTP.TLS),
		Hello:    s.config.SMTP.Hello,
		From:     s.config.SMTP.From,
		DKIM:     signer,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare mail: %w", err)
	}
	conversations := workflows.NewClient(s.temporal)
	if s.mailboxes, err = mailboxesOf(s.config, s.store, s.log); err != nil {
		return nil, err
	}
	whatsApp, err := whatsAppOf(s.config)
	if err != nil {
		return nil, err
	}
	if s.facebook, err = pagesOf(s.config, s.store, s.mailboxes.Keys, s.log); err != nil {
		return nil, err
	}
	s.kinds = kindsOf(sender, s.config.SMTP.From, s.config.MailDomain, s.mailboxes, s.facebook, s.config.Messenger.GraphURL, whatsApp)
	s.intake = intake.New(s.store, conversations, s.log)
	s.mail = s.intake.Mail(s.config.MailDomain)
	s.postmaster = intake.NewPostmaster(s.store, sender, s.config.Postmaster, s.config.MailDomain)
	s.messenger = s.intake.Messenger(s.config.Messenger.AppID)
	s.steps = &activities.Activities{
		Store:     s.store,
		Nudger:    conversations,
		Sweeper:   s.intake,
		Kinds:     make(map[inbox.ChannelKind]channels.Kind),
		Mail:      sender,
		Mailboxes: s.mailboxes,
		TakeMail:  takeMail(s.mail),
		PollEvery: s.config.MailboxPoll,
		Pages:     s.facebook,
		Readers:   conversations,
		PublicURL: s.config.PublicURL,
		AgentURL:  s.config.AgentURL,
		Log:       s.log,
		Now:       now,
	}
	for _, kind := range s.kinds {
		s.steps.Kinds[kind.Kind()] = kind
	}
	var sealer intake.Sealer
	if keys := s.mailboxes.Keys; keys != nil {
		s.steps.Secrets, sealer = keys, keys
	}
	s.intake.Holding(s.steps.Kinds, sealer)
	return conversations, nil
}

func now() time.Time { return time.Now().UTC() }

// Store is the server's database.
func (s *Server) Store() *store.Store { return s.store }

// Facebook are the connected pages.
func (s *Server) Facebook() *pages.Service { return s.facebook }

// Steps are the activities the server's worker runs.
func (s *Server) Steps() *activities.Activities { return s.steps }

// URL is where the API listens.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// SMTPAddress is where mail for hosted addresses comes in, host:port.
func (s *Server) SMTPAddress() string { return s.mailListener.Addr().String() }

// Failed delivers the error of a part that died; the process should end.
func (s *Server) Failed() <-chan error { return s.failed }

// Shutdown takes nothing new in, finishes what is under way, and closes. The
// worker stops after the API, which hands it the tasks of what it takes in.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopStreams()
	mail := make(chan error, 1)
	go func() { mail <- s.stopMail(ctx) }()
	var err error
	if s.http != nil {
		if err = s.http.Shutdown(ctx); err != nil {
			err = fmt.Errorf("drain requests: %w", err)
		}
	}
	err = errors.Join(err, <-mail)
	s.stopWork()
	s.background.Wait()
	return errors.Join(err, s.close())
}

func (s *Server) close() error {
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
