package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// stamp is a time column: timestamptz on PostgreSQL, text of fixed width on
// SQLite, so that it sorts. Both keep microseconds. The zero time is NULL.
type stamp struct{ time.Time }

const stampFormat = "2006-01-02 15:04:05.000000Z"

func stampOf(t time.Time) stamp { return stamp{stored(t)} }

// stored returns the time as it will be read back.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// GormDataType keeps GORM from looking into the struct.
func (stamp) GormDataType() string { return "stamp" }

// Value writes text, which PostgreSQL reads as well.
func (s stamp) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil
	}
	return s.UTC().Format(stampFormat), nil
}

func (s *stamp) Scan(value any) error {
	switch value := value.(type) {
	case nil:
		*s = stamp{}
	case time.Time:
		*s = stamp{value.UTC()}
	case string:
		t, err := time.Parse(stampFormat, value)
		if err != nil {
			return fmt.Errorf("read time column: %w", err)
		}
		*s = stamp{t}
	default:
		return fmt.Errorf("read time column: unexpected %T", value)
	}
	return nil
}

// jsonOf is a JSON column: jsonb on PostgreSQL, text on SQLite. What encodes as
// null is NULL.
type jsonOf[T any] struct{ V T }

func (jsonOf[T]) GormDataType() string { return "json" }

func (j jsonOf[T]) Value() (driver.Value, error) {
	raw, err := json.Marshal(j.V)
	if err != nil {
		return nil, fmt.Errorf("write json column: %w", err)
	}
	if string(raw) == "null" {
		return nil, nil
	}
	return string(raw), nil
}

func (j *jsonOf[T]) Scan(value any) error {
	var zero T
	j.V = zero
	var raw []byte
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		raw = []byte(value)
	case []byte:
		raw = value
	default:
		return fmt.Errorf("read json column: unexpected %T", value)
	}
	if err := json.Unmarshal(raw, &j.V); err != nil {
		return fmt.Errorf("read json column: %w", err)
	}
	return nil
}

// list is a JSON column of a list that is never NULL.
type list[T any] []T

func (list[T]) GormDataType() string { return "json" }

func (l list[T]) Value() (driver.Value, error) {
	if l == nil {
		l = list[T]{}
	}
	return jsonOf[[]T]{l}.Value()
}

func (l *list[T]) Scan(value any) error {
	var column jsonOf[[]T]
	if err := column.Scan(value); err != nil {
		return err
	}
	*l = column.V
	return nil
}

// dict is a JSON column of an object of strings that is never NULL.
type dict map[string]string

func (dict) GormDataType() string { return "json" }

func (d dict) Value() (driver.Value, error) {
	if d == nil {
		d = dict{}
	}
	return jsonOf[map[string]string]{d}.Value()
}

func (d *dict) Scan(value any) error {
	var column jsonOf[map[string]string]
	if err := column.Scan(value); err != nil {
		return err
	}
	*d = column.V
	return nil
}
