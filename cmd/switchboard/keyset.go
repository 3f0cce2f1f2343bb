package main

import (
	"errors"
	"fmt"
	"io"

	"switchboard/config"
	"switchboard/secrets"
)

// errNoKeyset asks for a keyset to rotate.
var errNoKeyset = errors.New("SWITCHBOARD_SECRETS_KEYSET is not set: there is nothing to rotate")

// printKeyset prints a new keyset, or the configured one with a new primary key.
func printKeyset(cfg config.Config, args []string, out io.Writer) error {
	flags := newFlags("admin keyset")
	rotate := flags.Bool("rotate", false, "add a key to SWITCHBOARD_SECRETS_KEYSET, which encrypts from then on")
	if err := parse(flags, args); err != nil {
		return err
	}
	keys, err := nextKeyset(cfg.SecretsKeyset, *rotate)
	if err != nil {
		return err
	}
	encoded, err := keys.Encode()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, encoded)
	return err
}

func nextKeyset(present string, rotate bool) (*secrets.Keyset, error) {
	if !rotate {
		return secrets.New()
	}
	if present == "" {
		return nil, errNoKeyset
	}
	keys, err := secrets.Parse(present)
	if err != nil {
		return nil, fmt.Errorf("SWITCHBOARD_SECRETS_KEYSET: %w", err)
	}
	return keys.Rotated()
}
