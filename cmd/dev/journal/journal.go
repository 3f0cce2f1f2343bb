// Package journal keeps what left Switchboard during development: an append-only
// file of JSON lines with its content in memory.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Journal is an open file of entries. Its methods may be called at once.
type Journal[T any] struct {
	mu   sync.RWMutex
	file *os.File
	list []T
}

// Open returns the journal in a file with what it already holds; a file that is
// not there is made.
func Open[T any](path string) (*Journal[T], error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal[T]{file: file}
	if err := j.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	return j, nil
}

// load drops a last line that a killed process did not finish: its sender was
// never told that the entry is kept.
func (j *Journal[T]) load() error {
	data, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	lines := json.NewDecoder(bytes.NewReader(whole))
	for {
		var entry T
		err := lines.Decode(&entry)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		j.list = append(j.list, entry)
	}
	if err := j.file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	_, err = j.file.Seek(0, io.SeekEnd)
	return err
}

// Keep appends an entry.
func (j *Journal[T]) Keep(entry T) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("encode entry: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep entry: %w", err)
	}
	j.list = append(j.list, entry)
	return nil
}

// Entries returns a copy of what is kept, oldest first; never nil.
func (j *Journal[T]) Entries() []T {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return append([]T{}, j.list...)
}

// Close closes the file.
func (j *Journal[T]) Close() error { return j.file.Close() }
