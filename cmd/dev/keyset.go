package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"switchboard/secrets"
)

// keyset is the keyset kept in the data folder, made on the first start.
func keyset(file string) (string, error) {
	kept, err := os.ReadFile(file)
	if err == nil {
		return string(kept), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read keyset: %w", err)
	}
	keys, err := secrets.New()
	if err != nil {
		return "", err
	}
	encoded, err := keys.Encode()
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(file, []byte(encoded), 0o600); err != nil {
		return "", fmt.Errorf("keep keyset: %w", err)
	}
	return encoded, nil
}
