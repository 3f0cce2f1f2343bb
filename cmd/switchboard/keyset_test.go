package main

import (
	"errors"
	"strings"
	"testing"

	"switchboard/secrets"
)

func TestAKeysetIsMadeAndRotatedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	keyset := func(present string, args ...string) (string, error) {
		var out strings.Builder
		err := run(t.Context(), append([]string{"admin", "keyset"}, args...), []string{"SWITCHBOARD_SECRETS_KEYSET=" + present}, &out)
		return strings.TrimSpace(out.String()), err
	}
	first, err := keyset("")
	if err != nil {
		t.Fatal(err)
	}
	old, err := secrets.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := old.Seal([]byte("hunter2"), "x")
	if err != nil {
		t.Fatal(err)
	}
	second, err := keyset(first, "--rotate")
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := secrets.Parse(second)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := rotated.Open(sealed, "x"); err != nil || string(plain) != "hunter2" {
		t.Errorf("the rotated keyset opens %q, %v", plain, err)
	}
	if _, err := keyset("", "--rotate"); !errors.Is(err, errNoKeyset) {
		t.Errorf("nothing was rotated: %v", err)
	}
	if _, err := keyset("nonsense", "--rotate"); err == nil || !strings.Contains(err.Error(), "SWITCHBOARD_SECRETS_KEYSET") {
		t.Errorf("nonsense was rotated: %v", err)
	}
}
