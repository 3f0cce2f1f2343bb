package store

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
)

// postgresConnections stays well below PostgreSQL's default limit of 100, so
// that several processes fit.
const postgresConnections = 24

func (s *Store) openPostgres(url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	// A list's page comes out of its index in order. A bitmap would read all that
	// matches and sort it, and is chosen when the planner expects few rows, which
	// it cannot know of a combination of columns.
	config.RuntimeParams["enable_bitmapscan"] = "off"
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	s.postgres = true
	s.write, err = s.open(gormpostgres.New(gormpostgres.Config{Conn: pool}))
	s.read = s.write
	return err
}
