package store_test

import (
	"testing"

	"switchboard/store"
	"switchboard/store/storetest"
)

// forEachDatabase runs a test in parallel on a fresh store of each database.
func forEachDatabase(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	t.Parallel()
	storetest.ForEachDatabase(t, test)
}
