// Package config is Switchboard's one struct of settings: defaults, then the
// environment (SWITCHBOARD_…). docs/configuration.md lists the same.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

const prefix = "SWITCHBOARD_"

// Config is everything a process needs to know.
type Config struct {
	// DatabaseURL is "sqlite:/path/file.db" or "postgres://…".
	DatabaseURL string `env:"DATABASE_URL" envDefault:"sqlite:data/switchboard.db"`
	// HTTPAddress is where the API listens, host:port.
	HTTPAddress string `env:"HTTP_ADDRESS" envDefault:"127.0.0.1:8080"`
	// PublicURL is how people reach the API from outside; notices link to it. Load takes
	// a slash off its end.
	PublicURL string `env:"PUBLIC_URL" envDefault:"http://127.0.0.1:8080"`
	// AgentURL is where agents open a conversation, its id in the place of {id};
	// notices lead there. "" is the API's own address of it.
	AgentURL string `env:"AGENT_URL"`
	// Role is what the process does: api, worker or all.
	Role Role `env:"ROLE" envDefault:"all"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `env:"LOG_LEVEL" envDefault:"info"`
	// ShutdownGrace is how long a stop waits for what is under way.
	ShutdownGrace time.Duration `env:"SHUTDOWN_GRACE" envDefault:"20s"`
	// PublicRate is how many requests a second one address may make to the
	// public routes, PublicBurst how many at once.
	PublicRate  float64 `env:"PUBLIC_RATE" envDefault:"10"`
	PublicBurst int     `env:"PUBLIC_BURST" envDefault:"200"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// SecretsKeyset encrypts tokens and passwords at rest; `switchboard admin
	// keyset` makes one. Without it no mailbox can be connected and no channel
	// previewed.
	SecretsKeyset string `env:"SECRETS_KEYSET"`
	// MailDomain is the domain of the addresses that teams forward their mail to,
	// and of our message ids.
	MailDomain string `env:"MAIL_DOMAIN" envDefault:"localhost"`
	// Postmaster gets what is written to postmaster@ and abuse@ of MailDomain; "" is
	// the admins.
	Postmaster string `env:"POSTMASTER"`
	// MailboxPoll is how often a connected mailbox is read.
	MailboxPoll time.Duration `env:"MAILBOX_POLL" envDefault:"30s"`
	Google      Google        `envPrefix:"GOOGLE_"`
	Microsoft   Microsoft     `envPrefix:"MICROSOFT_"`
	Messenger   Messenger     `envPrefix:"MESSENGER_"`
	Twilio      Twilio        `envPrefix:"TWILIO_"`
	Temporal    Temporal      `envPrefix:"TEMPORAL_"`
	SMTP        SMTP          `envPrefix:"SMTP_"`
	DKIM        DKIM          `envPrefix:"DKIM_"`
	InboundSMTP InboundSMTP   `envPrefix:"INBOUND_SMTP_"`
}

// Role is what a process does.
type Role string

const (
	RoleAll    Role = "all"
	RoleAPI    Role = "api"
	RoleWorker Role = "worker"
)

// Google is our application at Google, and where Google is. Without a ClientID no
// Gmail mailbox can be connected.
type Google struct {
	ClientID     string `env:"CLIENT_ID"`
	ClientSecret string `env:"CLIENT_SECRET"`
	AuthURL      string `env:"AUTH_URL" envDefault:"https://accounts.google.com/o/oauth2/v2/auth"`
	TokenURL     string `env:"TOKEN_URL" envDefault:"https://oauth2.googleapis.com/token"`
	// APIURL is Gmail's base.
	APIURL string `env:"API_URL" envDefault:"https://gmail.googleapis.com"`
}

// Microsoft is our application in Entra, and where Microsoft is. Without a
// ClientID no Office 365 mailbox can be connected.
type Microsoft struct {
	ClientID     string `env:"CLIENT_ID"`
	ClientSecret string `env:"CLIENT_SECRET"`
	// Tenant is a directory's id or domain; "organizations" lets in those of all
	// companies.
	Tenant string `env:"TENANT" envDefault:"organizations"`
	// LoginURL and GraphURL differ between Microsoft's clouds.
	LoginURL string `env:"LOGIN_URL" envDefault:"https://login.microsoftonline.com"`
	GraphURL string `env:"GRAPH_URL" envDefault:"https://graph.microsoft.com/v1.0"`
}

// Messenger is our application at Facebook, and where Facebook is. Without an AppID
// no page can be connected.
type Messenger struct {
	AppID     string `env:"APP_ID"`
	AppSecret string `env:"APP_SECRET"`
	// VerifyToken is what Facebook shows when it checks the webhook's address.
	VerifyToken string `env:"VERIFY_TOKEN"`
	// GraphURL is the Graph API's base with its version, DialogURL the page on which
	// a person lets us in.
	GraphURL  string `env:"GRAPH_URL" envDefault:"https://graph.facebook.com/v26.0"`
	DialogURL string `env:"DIALOG_URL" envDefault:"https://www.facebook.com/v26.0/dialog/oauth"`
}

// Twilio is our account there, and where Twilio is. Without an AccountSID neither
// WhatsApp nor calls are taken in.
type Twilio struct {
	AccountSID string `env:"ACCOUNT_SID"`
	AuthToken  string `env:"AUTH_TOKEN"`
	// SecondAuthToken is accepted beside AuthToken in signatures while the tokens
	// are changed over.
	SecondAuthToken string `env:"SECOND_AUTH_TOKEN"`
	// APIURL is the base of every call; "" is Twilio.
	APIURL string `env:"API_URL"`
}

// Temporal is the cluster.
type Temporal struct {
	Address   string `env:"ADDRESS" envDefault:"127.0.0.1:7233"`
	Namespace string `env:"NAMESPACE" envDefault:"default"`
	// APIKey authenticates with Temporal Cloud; it turns TLS on.
	APIKey string `env:"API_KEY"`
	// TLSCert and TLSKey are PEM files of a client certificate, TLSCA one of the
	// authority that signed the cluster's.
	TLSCert string `env:"TLS_CERT"`
	TLSKey  string `env:"TLS_KEY"`
	TLSCA   string `env:"TLS_CA"`
}

// SMTP is the mail server that notices and answers leave by.
type SMTP struct {
	Address  string `env:"ADDRESS" envDefault:"127.0.0.1:25"`
	Username string `env:"USERNAME"`
	Password string `env:"PASSWORD"`
	// Hello is the name this host gives the mail server; "" is its own.
	Hello string `env:"HELLO"`
	// TLS is none, starttls or tls.
	TLS string `env:"TLS" envDefault:"starttls"`
	// From is the address mail comes from unless a channel has its own.
	From string `env:"FROM" envDefault:"switchboard@localhost"`
}

// DKIM signs what leaves by SMTP.Address. Without a Domain nothing is signed.
type DKIM struct {
	// Domain is that of the From addresses, Selector the name of the key there.
	Domain   string `env:"DOMAIN"`
	Selector string `env:"SELECTOR" envDefault:"switchboard"`
	// Key is a PEM file, read at the start.
	Key string `env:"KEY"`
}

// InboundSMTP is where mail for hosted addresses comes in.
type InboundSMTP struct {
	// Address is where SMTP listens, host:port; "" does not.
	Address string `env:"ADDRESS"`
	// TLSCert and TLSKey are PEM files, read at the start, that offer STARTTLS.
	TLSCert string `env:"TLS_CERT"`
	TLSKey  string `env:"TLS_KEY"`
	// MaxBytes limits one mail; four of the largest may be coming in at once.
	MaxBytes int64 `env:"MAX_BYTES" envDefault:"36700160"`
	// MaxConnections limits connections, MaxPerAddress those of one remote address.
	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"200"`
	MaxPerAddress  int `env:"MAX_CONNECTIONS_PER_ADDRESS" envDefault:"50"`
}

// Load returns the defaults overlaid with the environment, which is a list of
// "KEY=value" like os.Environ's.
func Load(environ []string) (Config, error) {
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Prefix: prefix, Environment: env.ToMap(environ)}); err != nil {
		return c, fmt.Errorf("read configuration: %w", byVariable(err))
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if err := c.Check(); err != nil {
		return c, fmt.Errorf("check configuration: %w", err)
	}
	return c, nil
}

// byVariable names variables where the parser names fields.
func byVariable(err error) error {
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return err
	}
	var errs []error
	for _, err := range all.Errors {
		if malformed, ok := errors.AsType[env.ParseError](err); ok {
			err = fmt.Errorf("%s: %w", variable(reflect.TypeFor[Config](), prefix, malformed.Name), malformed.Err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// variable returns the environment variable of a field, looking into structs of
// settings. What can be malformed, everything but text, has a name of its own.
func variable(settings reflect.Type, prefix, name string) string {
	for field := range settings.Fields() {
		if nested := field.Tag.Get("envPrefix"); nested != "" {
			if found := variable(field.Type, prefix+nested, name); found != "" {
				return found
			}
		} else if field.Name == name {
			return prefix + field.Tag.Get("env")
		}
	}
	return ""
}

// Check names every setting that cannot be right.
func (c Config) Check() error {
	var errs []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	scheme, _, _ := strings.Cut(c.DatabaseURL, ":")
	refuse(!slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme),
		"SWITCHBOARD_DATABASE_URL must begin with sqlite: or postgres://")
	address := func(name, value string) {
		_, port, err := net.SplitHostPort(value)
		refuse(err != nil || port == "", "SWITCHBOARD_%s must be host:port, not %q", name, value)
	}
	address("HTTP_ADDRESS", c.HTTPAddress)
	address("TEMPORAL_ADDRESS", c.Temporal.Address)
	address("SMTP_ADDRESS", c.SMTP.Address)
	refuse(!slices.Contains([]Role{RoleAll, RoleAPI, RoleWorker}, c.Role),
		"SWITCHBOARD_ROLE must be all, api or worker, not %q", c.Role)
	refuse(!slices.Contains([]string{"none", "starttls", "tls"}, c.SMTP.TLS),
		"SWITCHBOARD_SMTP_TLS must be none, starttls or tls, not %q", c.SMTP.TLS)
	refuse(c.SMTP.TLS == "none" && c.SMTP.Username != "",
		"SWITCHBOARD_SMTP_USERNAME needs SWITCHBOARD_SMTP_TLS: a password does not travel in the clear")
	example, err := mail.ParseAddress("any@" + c.MailDomain)
	refuse(err != nil || example.Address != "any@"+c.MailDomain, "SWITCHBOARD_MAIL_DOMAIN must be the domain of mail addresses")
	from, err := mail.ParseAddress(c.SMTP.From)
	refuse(err != nil || from.Address != c.SMTP.From, "SWITCHBOARD_SMTP_FROM must be a mail address without a name")
	if c.Postmaster != "" {
		postmaster, err := mail.ParseAddress(c.Postmaster)
		refuse(err != nil || postmaster.Address != c.Postmaster || strings.HasSuffix(strings.ToLower(c.Postmaster), "@"+strings.ToLower(c.MailDomain)),
			"SWITCHBOARD_POSTMASTER must be a mail address without a name, and not of SWITCHBOARD_MAIL_DOMAIN")
	}
	web := func(name, value string) {
		parsed, err := url.Parse(value)
		refuse(err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https",
			"SWITCHBOARD_%s must be an http or https address", name)
	}
	web("PUBLIC_URL", c.PublicURL)
	if c.AgentURL != "" {
		web("AGENT_URL", c.AgentURL)
		refuse(!strings.Contains(c.AgentURL, "{id}"), "SWITCHBOARD_AGENT_URL must have {id} where the conversation's id belongs")
	}
	web("GOOGLE_AUTH_URL", c.Google.AuthURL)
	web("GOOGLE_TOKEN_URL", c.Google.TokenURL)
	web("GOOGLE_API_URL", c.Google.APIURL)
	web("MICROSOFT_LOGIN_URL", c.Microsoft.LoginURL)
	web("MICROSOFT_GRAPH_URL", c.Microsoft.GraphURL)
	web("MESSENGER_GRAPH_URL", c.Messenger.GraphURL)
	web("MESSENGER_DIALOG_URL", c.Messenger.DialogURL)
	if c.Twilio.APIURL != "" {
		web("TWILIO_API_URL", c.Twilio.APIURL)
	}
	refuse(c.Messenger.AppID != "" && (c.Messenger.AppSecret == "" || c.Messenger.VerifyToken == ""),
		"SWITCHBOARD_MESSENGER_APP_ID needs SWITCHBOARD_MESSENGER_APP_SECRET and SWITCHBOARD_MESSENGER_VERIFY_TOKEN")
	refuse(c.Twilio.AccountSID != "" && c.Twilio.AuthToken == "",
		"SWITCHBOARD_TWILIO_ACCOUNT_SID needs SWITCHBOARD_TWILIO_AUTH_TOKEN")
	refuse(c.MailboxPoll < time.Second, "SWITCHBOARD_MAILBOX_POLL must be a second or more")
	refuse(c.ShutdownGrace <= 0, "SWITCHBOARD_SHUTDOWN_GRACE must be positive")
	refuse(!slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel),
		"SWITCHBOARD_LOG_LEVEL must be debug, info, warn or error, not %q", c.LogLevel)
	refuse(c.PublicRate <= 0 || c.PublicBurst < 1, "SWITCHBOARD_PUBLIC_RATE and SWITCHBOARD_PUBLIC_BURST must be positive")
	if c.InboundSMTP.Address != "" {
		address("INBOUND_SMTP_ADDRESS", c.InboundSMTP.Address)
	}
	refuse((c.DKIM.Domain == "") != (c.DKIM.Key == ""), "SWITCHBOARD_DKIM_DOMAIN and SWITCHBOARD_DKIM_KEY go together")
	refuse((c.InboundSMTP.TLSCert == "") != (c.InboundSMTP.TLSKey == ""),
		"SWITCHBOARD_INBOUND_SMTP_TLS_CERT and SWITCHBOARD_INBOUND_SMTP_TLS_KEY go together")
	refuse(c.InboundSMTP.MaxBytes < 65536, "SWITCHBOARD_INBOUND_SMTP_MAX_BYTES must be 65536 at least (RFC 5321)")
	refuse(c.InboundSMTP.MaxConnections < 1 || c.InboundSMTP.MaxPerAddress < 1,
		"SWITCHBOARD_INBOUND_SMTP_MAX_CONNECTIONS and SWITCHBOARD_INBOUND_SMTP_MAX_CONNECTIONS_PER_ADDRESS must be positive")
	refuse((c.Temporal.TLSCert == "") != (c.Temporal.TLSKey == ""),
		"SWITCHBOARD_TEMPORAL_TLS_CERT and SWITCHBOARD_TEMPORAL_TLS_KEY go together")
	return errors.Join(errs...)
}
