package store

import (
	"context"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// maximumStatements bounds what one connection keeps compiled. The store's own
// statements are fewer; lists of values make more.
const maximumStatements = 200

// sqliteConnector opens connections that keep their statements compiled.
// database/sql compiles a statement each time unless it is prepared beforehand,
// which on a pool of one connection would wait for the transaction under way.
type sqliteConnector struct{ dsn string }

func (c sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{driverConn: conn.(driverConn), idle: map[string]driverStmt{}}, nil
}

// driverConn, driverStmt and driverRows are what the driver implements and
// database/sql looks for.
type (
	driverConn interface {
		driver.Conn
		driver.ConnPrepareContext
		driver.ConnBeginTx
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	driverStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	driverRows interface {
		driver.Rows
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeScanType
	}
)

// sqliteConn is a connection with its compiled statements, each of which does
// one thing at a time.
type sqliteConn struct {
	driverConn
	idle map[string]driverStmt
}

func (c *sqliteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(ctx, args)
	return result, c.put(query, stmt, err)
}

func (c *sqliteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, c.put(query, stmt, err)
	}
	return &sqliteRows{driverRows: rows.(driverRows), done: func(err error) error { return c.put(query, stmt, err) }}, nil
}

// Close closes the statements with the connection.
func (c *sqliteConn) Close() error {
	for query, stmt := range c.idle {
		delete(c.idle, query)
		_ = stmt.Close() // the connection's own error says more
	}
	return c.driverConn.Close()
}

func (c *sqliteConn) take(ctx context.Context, query string) (driverStmt, error) {
	if stmt, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return stmt, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.(driverStmt), nil
}

// put keeps a statement for the next time, unless it failed or there are
// enough. It returns err, or why the statement could not be closed.
func (c *sqliteConn) put(query string, stmt driverStmt, err error) error {
	if _, twin := c.idle[query]; err == nil && !twin && len(c.idle) < maximumStatements {
		c.idle[query] = stmt
		return nil
	}
	if closed := stmt.Close(); err == nil {
		return closed
	}
	return err
}

// sqliteRows gives its statement back when it is closed.
type sqliteRows struct {
	driverRows
	done func(error) error
}

func (r *sqliteRows) Close() error { return r.done(r.driverRows.Close()) }
