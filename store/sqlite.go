package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	gormsqlite "gorm.io/driver/sqlite"
	// GORM's dialect speaks through this driver, which needs no cgo and is the
	// one the embedded Temporal engine registers as "sqlite"; a second driver
	// of that name (glebarez/sqlite) would panic at start.
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// busyTimeout is how long a statement waits for another process to write.
const busyTimeout = 10 * time.Second

// openSQLite opens one connection that writes, so that writers of this process
// queue in Go instead of failing with SQLITE_BUSY, and a pool that reads.
// The file's folder is made when it is missing.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	write := sql.OpenDB(sqliteConnector{sqliteDSN(path, "_txlock", "immediate")})
	write.SetMaxOpenConns(1)
	err := awaitWAL(ctx, write)
	if err != nil {
		return err
	}
	read := sql.OpenDB(sqliteConnector{sqliteDSN(path, "_pragma", "query_only(1)")})
	read.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	read.SetMaxIdleConns(max(4, runtime.GOMAXPROCS(0)))
	if s.write, err = s.open(gormsqlite.New(gormsqlite.Config{Conn: write})); err != nil {
		return err
	}
	s.read, err = s.open(gormsqlite.New(gormsqlite.Config{Conn: read}))
	return err
}

// awaitWAL opens the file. Of several processes that open a new file at once one
// makes it a WAL database; the others do not wait for that but fail.
func awaitWAL(ctx context.Context, pool *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; time.Sleep(10 * time.Millisecond) {
		err := pool.PingContext(ctx)
		lite, ok := errors.AsType[*sqlite.Error](err)
		if !ok || lite.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
	}
}

// sqliteDSN asks for commits that survive the process, however it ends, and
// that a power cut may take back (synchronous NORMAL): the same as the embedded
// engine's database, beside which this one stands. Syncing each commit would
// protect one of the two and halve the rate; PostgreSQL syncs. The log of what is
// not in the file yet grows to 32 MB before it is written there, which syncs and
// stops the writers: at SQLite's default of 4 MB that is every few conversations.
func sqliteDSN(path string, option, value string) string {
	options := url.Values{
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(NORMAL)", "wal_autocheckpoint(8000)", "foreign_keys(1)",
		},
	}
	options.Add(option, value)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
}
