package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	temporalsql "go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/common/searchattribute/sadefs"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long a closed workflow can be looked at: a laptop that was
// shut for a holiday still shows what ran before.
const retention = 30 * 24 * time.Hour

// openDatabase checks or creates the database file with its namespace.
func openDatabase(ctx context.Context, options Options) (*config.SQL, error) {
	path := filepath.Join(options.Dir, "temporal.db")
	// The driver reads the name as a URI, in which "#", "?" and "%" mean something.
	name := (&url.URL{Path: path}).EscapedPath()
	if err := prepareFile(ctx, "file:"+name); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	database := &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: name,
		// A write-ahead log keeps commits when the process is killed and saves
		// most of the waiting for the disk.
		ConnectAttributes: map[string]string{
			"mode":         "rw",
			"journal_mode": "wal",
			"synchronous":  "normal",
			"busy_timeout": "5000",
		},
	}
	namespace, err := sqliteschema.NewNamespaceConfig(clusterName, options.Namespace, false, nil)
	if err != nil {
		return nil, fmt.Errorf("namespace: %w", err)
	}
	namespace.Detail.Config.Retention = durationpb.New(retention)
	if err := sqliteschema.CreateNamespaces(database, namespace); err != nil {
		return nil, fmt.Errorf("create namespace: %w", err)
	}
	if err := addSearchAttributes(ctx, database, options.Namespace, options.SearchAttributes); err != nil {
		return nil, fmt.Errorf("add search attributes: %w", err)
	}
	return database, nil
}

// prepareFile checks an existing database and fills a new one. The schema goes
// in as one transaction: killed half way, the next start begins anew.
func prepareFile(ctx context.Context, uri string) (err error) {
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	var health string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&health); err != nil {
		return fmt.Errorf("damaged or not a database: move it away to begin anew: %w", err)
	}
	if health != "ok" {
		return fmt.Errorf("damaged: move it away to begin anew: %s", health)
	}
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	if tables > 0 {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin schema: %w", err)
	}
	if err := sqliteschema.SetupSchemaOnDB(schemaTx{ctx: ctx, tx: tx}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// schemaTx lends a transaction to the schema's set-up, which only executes
// statements.
type schemaTx struct {
	sqlplugin.AdminDB
	ctx context.Context
	tx  *sql.Tx
}

func (s schemaTx) Exec(statement string, args ...any) error {
	_, err := s.tx.ExecContext(s.ctx, statement, args...)
	return err
}

// addSearchAttributes gives each missing attribute a free column of its type.
// It works on the namespace's record before the server reads it: added through
// the running server, an attribute would be unknown until its caches expire.
func addSearchAttributes(ctx context.Context, database *config.SQL, namespace string, attributes map[string]enumspb.IndexedValueType) (err error) {
	db, err := temporalsql.NewSQLDB(sqlplugin.DbKindMain, database, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	rows, err := db.SelectFromNamespace(ctx, sqlplugin.NamespaceFilter{Name: &namespace})
	if err != nil {
		return fmt.Errorf("load namespace: %w", err)
	}
	row := rows[0]
	serializer := serialization.NewSerializer()
	detail, err := serializer.NamespaceDetailFromBlob(persistence.NewDataBlob(row.Data, row.DataEncoding))
	if err != nil {
		return fmt.Errorf("decode namespace: %w", err)
	}
	if err := assignColumns(detail.Config, attributes); err != nil {
		return err
	}
	blob, err := serializer.NamespaceDetailToBlob(detail)
	if err != nil {
		return fmt.Errorf("encode namespace: %w", err)
	}
	row.Data, row.DataEncoding = blob.Data, blob.EncodingType.String()
	if _, err := db.UpdateNamespace(ctx, &row); err != nil {
		return fmt.Errorf("save namespace: %w", err)
	}
	return nil
}

func assignColumns(namespace *persistencespb.NamespaceConfig, attributes map[string]enumspb.IndexedValueType) error {
	columns := sadefs.GetDBIndexSearchAttributes(nil).CustomSearchAttributes
	if namespace.CustomSearchAttributeAliases == nil {
		namespace.CustomSearchAttributeAliases = map[string]string{}
	}
	taken := namespace.CustomSearchAttributeAliases
	columnOf := map[string]string{}
	for column, name := range taken {
		columnOf[name] = column
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		kind := attributes[name]
		if column, ok := columnOf[name]; ok {
			if columns[column] != kind {
				return fmt.Errorf("%s is of type %s already, not %s", name, columns[column], kind)
			}
			continue
		}
		column, err := freeColumn(columns, taken, kind)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		taken[column] = name
	}
	return nil
}

func freeColumn(columns map[string]enumspb.IndexedValueType, taken map[string]string, kind enumspb.IndexedValueType) (string, error) {
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		if _, used := taken[column]; columns[column] == kind && !used {
			return column, nil
		}
	}
	return "", fmt.Errorf("no free column of type %s", kind)
}
