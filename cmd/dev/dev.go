package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"switchboard/cmd/dev/accounts"
	"switchboard/cmd/dev/demo"
	"switchboard/cmd/dev/engine"
	"switchboard/cmd/dev/mailbox"
	"switchboard/cmd/dev/outbox"
	"switchboard/cmd/serve"
	"switchboard/config"
	"switchboard/workflows"
)

// dev is everything that runs in this process.
type dev struct {
	options options
	out     io.Writer
	log     *os.File
	engine  *engine.Engine
	mailbox *mailbox.Mailbox
	outbox  *outbox.Outbox
	site    *demo.Site
	server  *serve.Server
	// grace is how long a stop waits for what is under way.
	grace time.Duration
}

// start starts one part after the other and says so.
func (d *dev) start(ctx context.Context) error {
	logger, err := d.openLog()
	if err != nil {
		return err
	}
	if !d.options.temporalGiven {
		if err := d.orFree("Temporal", &d.options.temporal); err != nil {
			return err
		}
	}
	if err := d.startEngine(ctx, logger); err != nil || d.options.engineOnly {
		return err
	}
	if !d.options.mailGiven {
		if err := d.orFree("The page with the mail that was sent", &d.options.mail); err != nil {
			return err
		}
	}
	// Mails link to the API and come in at a port that is printed.
	for _, address := range []struct {
		what, flag string
		address    *string
	}{
		{"the API", "http", &d.options.http}, {"mail that comes in", "smtp", &d.options.smtp},
		{"the mail catcher", "mail", &d.options.mail},
	} {
		if *address.address, err = pick(*address.address); err != nil {
			return fmt.Errorf("the address for %s (choose another with -%s): %w", address.what, address.flag, err)
		}
	}
	d.say("Mail catcher …")
	d.mailbox, err = mailbox.Start(ctx, mailbox.Options{SMTPAddress: "127.0.0.1:0", HTTPAddress: d.options.mail, Dir: d.options.data})
	if err != nil {
		return fmt.Errorf("start mail catcher: %w", err)
	}
	d.say("Database, API and worker …")
	outboxAddress, err := pick("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("an address for the outbox: %w", err)
	}
	cfg, err := d.config(outboxAddress)
	if err != nil {
		return err
	}
	if err := d.startOutbox(ctx, cfg, outboxAddress, logger); err != nil {
		return err
	}
	if err := serve.Migrate(ctx, cfg, logger); err != nil {
		return err
	}
	d.grace = cfg.ShutdownGrace
	if d.server, err = serve.Start(ctx, cfg, logger, d.pages()); err != nil {
		return err
	}
	data, err := loadDemo(maker{
		ctx: ctx, store: d.server.Store(), pages: d.server.Facebook(),
		facebook: strings.HasPrefix(cfg.Messenger.GraphURL, d.outbox.URL()), twilio: cfg.Twilio.APIURL == d.outbox.URL(),
	}, d.file("demo.json"), d.options.noDemo)
	if err != nil {
		return err
	}
	if err := data.address(ctx, d.server.Store(), cfg.MailDomain); err != nil {
		return err
	}
	where := info{
		APIURL:          d.server.URL(),
		TemporalAddress: d.engine.Address(),
		TemporalUIURL:   "http://" + d.engine.UIAddress(),
		SMTPAddress:     d.server.SMTPAddress(),
		MailURL:         d.mailbox.URL(),
		OutboxURL:       d.server.URL() + "/dev/outbox",
		Messenger: messengerInfo{
			AppSecret: cfg.Messenger.AppSecret, VerifyToken: cfg.Messenger.VerifyToken, PageID: accounts.PageID,
		},
		Twilio:   twilioInfo{AccountSID: cfg.Twilio.AccountSID, AuthToken: cfg.Twilio.AuthToken, PublicURL: cfg.PublicURL},
		demoData: data,
	}
	if err := d.site.Show(where.pages()); err != nil {
		return err
	}
	if err := writeJSON(d.file("dev.json"), where); err != nil {
		return err
	}
	printWelcome(d.out, where, d.log.Name())
	return nil
}

func (d *dev) startEngine(ctx context.Context, logger *slog.Logger) error {
	d.say("Temporal and its web UI …")
	var err error
	d.engine, err = engine.Start(ctx, engine.Options{
		Dir:              d.options.data,
		Address:          d.options.temporal,
		UIAddress:        d.options.ui,
		Namespace:        "default",
		SearchAttributes: workflows.SearchAttributes(),
		Logger:           logger,
		Held:             d.forget,
	})
	if err != nil {
		return err
	}
	if d.options.engineOnly {
		fmt.Fprintf(d.out, "Temporal at %s, its web UI at http://%s. Ctrl-C stops.\n", d.engine.Address(), d.engine.UIAddress())
	}
	return nil
}

// forget removes what an earlier run, now ended, said of itself: it would
// mislead whoever waits for the file.
func (d *dev) forget() error {
	if err := os.Remove(d.file("dev.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old dev.json: %w", err)
	}
	return nil
}

// orFree replaces an address that is taken by one with a free port, and says so.
func (d *dev) orFree(what string, address *string) error {
	_, taken := pick(*address)
	if taken == nil {
		return nil
	}
	free, err := pick("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("a free port: %w", err)
	}
	d.say(fmt.Sprintf("%v. %s is at %s instead.", taken, what, free))
	*address = free
	return nil
}

// pick checks that an address is free and, for port 0, picks a port.
func pick(address string) (string, error) {
	listener, err := engine.Listen(address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("%s is taken by another program", address)
	}
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// config is production's, with a laptop's addresses, the outbox for providers that
// the environment does not connect, and no limit that would stop one person from
// trying things.
func (d *dev) config(outboxAddress string) (config.Config, error) {
	own, err := accounts.Load(d.file("providers.json"))
	if err != nil {
		return config.Config{}, err
	}
	url := "http://" + outboxAddress
	settings := []string{
		"SWITCHBOARD_PUBLIC_URL=http://" + d.options.http,
		"SWITCHBOARD_AGENT_URL=http://" + d.options.http + "/dev/agent#{id}",
	}
	cfg, err := config.Load(append(settings, own.Settings(os.Environ(), url+outbox.GraphVersion, outbox.DialogURL(url+outbox.GraphVersion), url)...))
	if err != nil {
		return cfg, err
	}
	cfg.DatabaseURL = "sqlite:" + d.file("switchboard.db")
	cfg.HTTPAddress = d.options.http
	cfg.Temporal.Address = d.engine.Address()
	cfg.SMTP.Address = d.mailbox.SMTPAddress()
	cfg.SMTP.TLS = "none"
	cfg.InboundSMTP.Address = d.options.smtp
	cfg.PublicRate, cfg.PublicBurst = 1000, 10000
	cfg.SecretsKeyset, err = keyset(d.file("keyset"))
	return cfg, err
}

// startOutbox starts what stands where providers would be.
func (d *dev) startOutbox(ctx context.Context, cfg config.Config, address string, log *slog.Logger) error {
	var err error
	d.outbox, err = outbox.Start(ctx, outbox.Options{
		Address:   address,
		Dir:       d.options.data,
		APIURL:    "http://" + d.options.http,
		PublicURL: cfg.PublicURL,
		Facebook: outbox.Facebook{
			AppID: cfg.Messenger.AppID, AppSecret: cfg.Messenger.AppSecret, PageID: accounts.PageID, PageName: accounts.PageName,
		},
		Twilio: outbox.Twilio{AuthToken: cfg.Twilio.AuthToken},
		Log:    log,
	})
	if err != nil {
		return fmt.Errorf("start outbox: %w", err)
	}
	return nil
}

// pages are what dev serves and production does not.
func (d *dev) pages() serve.Pages {
	return serve.Pages{
		"GET /{$}":        http.RedirectHandler("/dev/", http.StatusFound),
		"GET /dev/":       demo.Local(d.site),
		"GET /dev/outbox": demo.Local(http.HandlerFunc(d.outbox.Page)),
	}
}

// failed delivers the error of a part that died.
func (d *dev) failed() <-chan error {
	if d.server == nil {
		return nil
	}
	return d.server.Failed()
}

// stop ends the parts in the reverse order: nothing new comes in, what is under
// way ends, then the engine goes.
func (d *dev) stop() {
	if d.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), d.grace)
		if err := d.server.Shutdown(ctx); err != nil {
			fmt.Fprintln(d.out, "stopped before everything was finished:", err)
		}
		cancel()
	}
	if d.outbox != nil {
		d.outbox.Stop()
	}
	if d.mailbox != nil {
		d.mailbox.Stop()
	}
	if d.engine != nil {
		d.engine.Stop()
	}
	if d.log != nil {
		_ = d.log.Close()
	}
}

// openLog sends logs to a file: the terminal is for the newcomer.
func (d *dev) openLog() (*slog.Logger, error) {
	file, err := os.OpenFile(d.file("dev.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	d.log = file
	return slog.New(slog.NewJSONHandler(file, nil)), nil
}

func (d *dev) file(name string) string { return filepath.Join(d.options.data, name) }

func (d *dev) say(what string) { fmt.Fprintln(d.out, "·", what) }
