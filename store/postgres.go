package store

import (
	"database/sql"

	_ "github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
)

// postgresConnections stays well below PostgreSQL's default limit of 100, so
// that several processes fit.
const postgresConnections = 24

func (s *Store) openPostgres(url string) error {
	pool, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	s.postgres = true
	s.write, err = s.open(gormpostgres.New(gormpostgres.Config{Conn: pool}))
	s.read = s.write
	return err
}
