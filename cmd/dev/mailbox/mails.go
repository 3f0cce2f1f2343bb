package mailbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// mails is an append-only file of JSON lines with its content in memory.
type mails struct {
	mu   sync.RWMutex
	file *os.File
	list []Mail
}

func openMails(path string) (*mails, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mails{file: file}
	if err := m.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	return m, nil
}

// load drops a last line that a killed process did not finish: its sender was
// never told that the mail is kept.
func (m *mails) load() error {
	data, err := io.ReadAll(m.file)
	if err != nil {
		return err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	lines := json.NewDecoder(bytes.NewReader(whole))
	for {
		var mail Mail
		err := lines.Decode(&mail)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		m.list = append(m.list, mail)
	}
	if err := m.file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	_, err = m.file.Seek(0, io.SeekEnd)
	return err
}

func (m *mails) keep(mail Mail) error {
	line, err := json.Marshal(mail)
	if err != nil {
		return fmt.Errorf("encode mail: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	m.list = append(m.list, mail)
	return nil
}

// to returns the mail for an address, oldest first; "" is everybody.
func (m *mails) to(address string) []Mail {
	m.mu.RLock()
	defer m.mu.RUnlock()
	found := slices.Clone(m.list)
	if address != "" {
		found = slices.DeleteFunc(found, func(mail Mail) bool { return !mail.isFor(address) })
	}
	return found
}

func (m *mails) Close() error { return m.file.Close() }
