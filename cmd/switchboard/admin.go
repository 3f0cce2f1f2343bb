package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/cmd/serve"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/store"
)

// runAdmin makes what the API cannot make without a token: agents, tokens, and
// the keyset for secrets at rest.
func runAdmin(ctx context.Context, cfg config.Config, args []string, out io.Writer) (err error) {
	if len(args) == 0 {
		return fmt.Errorf("admin what? %w", errUsage)
	}
	if args[0] == "keyset" {
		return printKeyset(cfg, args[1:], out)
	}
	flags := newFlags("admin " + args[0])
	email := flags.String("email", "", "the agent's e-mail address")
	var agent inbox.Agent
	if args[0] == "agent" {
		flags.StringVar(&agent.Name, "name", "", "the agent's name")
		flags.BoolVar(&agent.Admin, "admin", false, "may change settings")
		flags.BoolVar(&agent.Seat, "seat", false, "has a paid seat: conversations can be assigned automatically")
	}
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	agent.Email = *email
	if !channels.ValidEmail(agent.Email) {
		return fmt.Errorf("--email needs a mail address: %w", errUsage)
	}
	if args[0] == "agent" && strings.TrimSpace(agent.Name) == "" {
		return fmt.Errorf("--name is missing: %w", errUsage)
	}
	s, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch migrated, err := s.Migrated(ctx); {
	case err != nil:
		return fmt.Errorf("check migrations: %w", err)
	case !migrated:
		return serve.ErrNotMigrated
	}
	switch args[0] {
	case "agent":
		agent.Availability = inbox.Away
		agent, err = s.CreateAgent(ctx, agent)
	case "token":
		agent, err = agentByEmail(ctx, s, agent.Email)
	default:
		return fmt.Errorf("unknown command %q: %w", "admin "+args[0], errUsage)
	}
	if err != nil {
		return err
	}
	return issueToken(ctx, s, agent, out)
}

// issueToken prints a new token: the only time that it can be read.
func issueToken(ctx context.Context, s *store.Store, agent inbox.Agent, out io.Writer) error {
	token, hash := api.NewToken()
	if _, err := s.CreateToken(ctx, agent.ID, hash, "command line"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "agent %s\ntoken %s\n", agent.ID, token)
	return err
}

func agentByEmail(ctx context.Context, s *store.Store, email string) (inbox.Agent, error) {
	for cursor := ""; ; {
		agents, next, err := s.Agents(ctx, store.Page{Cursor: cursor, Limit: 200})
		if err != nil {
			return inbox.Agent{}, err
		}
		for _, agent := range agents {
			if strings.EqualFold(agent.Email, email) {
				return agent, nil
			}
		}
		if next == "" {
			return inbox.Agent{}, inbox.NotFound("agent")
		}
		cursor = next
	}
}
