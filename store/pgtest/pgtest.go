// Package pgtest gives tests databases of a throw-away PostgreSQL cluster, one
// cluster for each test process. Without PostgreSQL's programs (in the PATH or
// /usr/lib/postgresql) tests are skipped, or fail when
// SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package pgtest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// shared is the process's cluster and the template of its databases.
var shared struct {
	start    sync.Once
	startErr error
	cluster  *cluster

	template    sync.Once
	templateErr error
	databases   atomic.Int64
}

// Migrated returns the URL of a fresh database. The first call of the process
// runs migrate on a database that this and every later one are copied from.
func Migrated(t testing.TB, migrate func(url string) error) string {
	t.Helper()
	c := running(t)
	shared.template.Do(func() {
		if shared.templateErr = c.create("template", "template0"); shared.templateErr == nil {
			shared.templateErr = migrate(c.url("template"))
		}
	})
	if shared.templateErr != nil {
		t.Fatalf("prepare the template database: %v", shared.templateErr)
	}
	return fresh(t, c, "template")
}

// Empty returns the URL of a database without tables.
func Empty(t testing.TB) string {
	t.Helper()
	return fresh(t, running(t), "template0")
}

func running(t testing.TB) *cluster {
	t.Helper()
	if programs() == "" {
		const sentence = "PostgreSQL is not installed"
		if os.Getenv("SWITCHBOARD_TEST_REQUIRE_TOOLS") == "1" {
			t.Fatal(sentence)
		}
		t.Skip(sentence)
	}
	shared.start.Do(func() { shared.cluster, shared.startErr = start() })
	if shared.startErr != nil {
		t.Fatalf("start PostgreSQL: %v", shared.startErr)
	}
	return shared.cluster
}

func fresh(t testing.TB, c *cluster, template string) string {
	t.Helper()
	name := fmt.Sprintf("test%d", shared.databases.Add(1))
	if err := c.create(name, template); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return c.url(name)
}

// create copies a database. PostgreSQL wants nobody connected to the original
// and one copy at a time.
func (c *cluster) create(name, template string) error {
	c.copying.Lock()
	defer c.copying.Unlock()
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for deadline := time.Now().Add(time.Minute); ; {
		_, err := db.Exec(fmt.Sprintf("CREATE DATABASE %q TEMPLATE %q", name, template))
		// PostgreSQL waits for seconds until who was connected is gone.
		if busy, ok := errors.AsType[*pgconn.PgError](err); !ok || busy.Code != objectInUse || time.Now().After(deadline) {
			return err
		}
	}
}

// objectInUse is PostgreSQL's code for an original to which somebody is connected.
const objectInUse = "55006"

// url returns a database's URL.
func (c *cluster) url(database string) string {
	return "postgres://" + superuser + "@/" + database + "?sslmode=disable&host=" + strings.ReplaceAll(c.directory, "/", "%2F")
}
