package main

import (
	"os"
	"slices"
	"testing"
)

// TestMain is the visitors' process too, which the bench starts from its own program.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-visit") {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheBenchMeasuresEverything(t *testing.T) {
	t.Parallel()
	if err := bench(t.Context(), sizes{conversations: 4 * rounds, mails: 2, visitors: 10}, false); err != nil {
		t.Fatal(err)
	}
}
