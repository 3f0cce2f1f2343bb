package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"switchboard/cmd/dev/engine"
	"switchboard/cmd/dev/mailbox"
	"switchboard/cmd/serve"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/workflows"
)

// stopTimeout bounds how long a stop waits for what is under way.
const stopTimeout = 20 * time.Second

// dev is everything that runs in this process.
type dev struct {
	options options
	out     io.Writer
	log     *os.File
	engine  *engine.Engine
	mailbox *mailbox.Mailbox
	server  *serve.Server
}

// info is dev.json: where things are, for people and for tests.
type info struct {
	APIURL          string `json:"api_url"`
	TemporalAddress string `json:"temporal_address"`
	TemporalUIURL   string `json:"temporal_ui_url"`
	SMTPAddress     string `json:"smtp_address"`
	MailURL         string `json:"mail_url"`
	demo
}

// start starts one part after the other and says so.
func (d *dev) start(ctx context.Context) error {
	logger, err := d.openLog()
	if err != nil {
		return err
	}
	if !d.options.temporalGiven {
		d.options.temporal = orFree(ctx, d.options.temporal)
	}
	if err := d.startEngine(ctx, logger); err != nil || d.options.engineOnly {
		return err
	}
	if !d.options.mailGiven {
		d.options.mail = orFree(ctx, d.options.mail)
	}
	// Mails link to the API and come in at a port that is printed.
	for _, address := range []struct {
		what, flag string
		address    *string
	}{
		{"the API", "http", &d.options.http}, {"mail that comes in", "smtp", &d.options.smtp},
		{"the mail catcher", "mail", &d.options.mail},
	} {
		if *address.address, err = pick(ctx, *address.address); err != nil {
			return fmt.Errorf("the address for %s (choose another with -%s): %w", address.what, address.flag, err)
		}
	}
	d.say("Mail catcher …")
	d.mailbox, err = mailbox.Start(ctx, mailbox.Options{SMTPAddress: "127.0.0.1:0", HTTPAddress: d.options.mail, Dir: d.options.data})
	if err != nil {
		return fmt.Errorf("start mail catcher: %w", err)
	}
	d.say("Database, API and worker …")
	cfg, err := d.config()
	if err != nil {
		return err
	}
	if err := serve.Migrate(ctx, cfg, logger); err != nil {
		return err
	}
	if d.server, err = serve.Start(ctx, cfg, logger); err != nil {
		return err
	}
	data, err := loadDemo(ctx, d.server.Store(), d.file("demo.json"), d.options.noDemo)
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
		demo:            data,
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

// orFree returns the address, or one with a free port when it is taken.
func orFree(ctx context.Context, address string) string {
	if _, err := pick(ctx, address); err != nil {
		return "127.0.0.1:0"
	}
	return address
}

// pick checks that an address is free and, for port 0, picks a port.
func pick(ctx context.Context, address string) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("%s is taken by another program", address)
	}
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// config is production's, with a laptop's addresses and no limit that would
// stop one person from trying things.
func (d *dev) config() (config.Config, error) {
	cfg, err := config.Load(nil)
	if err != nil {
		return cfg, err
	}
	cfg.DatabaseURL = "sqlite:" + d.file("switchboard.db")
	cfg.HTTPAddress = d.options.http
	cfg.PublicURL = "http://" + d.options.http
	cfg.Temporal.Address = d.engine.Address()
	cfg.SMTP.Address = d.mailbox.SMTPAddress()
	cfg.SMTP.TLS = "none"
	cfg.InboundSMTP.Address = d.options.smtp
	cfg.PublicRate, cfg.PublicBurst = 1000, 10000
	cfg.SecretsKeyset, err = keyset(d.file("keyset"))
	return cfg, err
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
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := d.server.Shutdown(ctx); err != nil {
			fmt.Fprintln(d.out, "stopped before everything was finished:", err)
		}
		cancel()
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

// printWelcome prints where things are, one token and commands to try.
func printWelcome(out io.Writer, where info, log string) {
	token := where.Agents[0].Token
	fmt.Fprintf(out, `
Switchboard is up.

  API            %s
  Temporal       %s
  Temporal's UI  %s
  Mail, sent     %s   (as JSON: %s)
  Mail, SMTP in  %s
  Log            %s
  Token          %s   (%s)
`, where.APIURL, where.TemporalAddress, where.TemporalUIURL, strings.TrimSuffix(where.MailURL, "mail"), where.MailURL,
		where.SMTPAddress, log, token, where.Agents[0].Name)
	var try []string
	for _, channel := range where.Channels {
		switch {
		case channel.Kind == inbox.KindForm:
			fmt.Fprintf(out, "  Form           %s/forms/%s\n", where.APIURL, channel.ID)
			try = append(try,
				`  curl -s `+where.APIURL+`/forms/`+channel.ID+`/submissions -H 'Content-Type: application/json' \`,
				`    -d '{"fields":{"name":"Grace","email":"grace@example.com","subject":"Broken lamp","message":"It flickers."}}'`, ``)
		case channel.HostedAddress != "":
			fmt.Fprintf(out, "  E-mail         %s\n", channel.HostedAddress)
			try = append(try,
				`  swaks --server `+where.SMTPAddress+` --from grace@example.com --to `+channel.HostedAddress+` \`,
				`    --header 'Subject: Broken lamp' --body 'It flickers.'`, ``)
		}
	}
	if len(try) > 0 {
		try = append(try,
			`  curl -s `+where.APIURL+`/api/v1/conversations -H 'Authorization: Bearer `+token+`'`, ``,
			`  curl -s `+where.APIURL+`/api/v1/conversations/CONVERSATION_ID/replies -H 'Authorization: Bearer `+token+`' \`,
			`    -H 'Content-Type: application/json' -d '{"text":"We send a new one."}'   # then look at `+where.MailURL)
		fmt.Fprintln(out, "\nTry:\n"+strings.Join(try, "\n"))
	}
	fmt.Fprintln(out, "\nCtrl-C stops; the data stays in "+filepath.Dir(log)+".")
}
