package smtpd

import (
	"errors"
	"io"
	"sync"

	"github.com/emersion/go-smtp"
)

// firstBytes is what a mail's buffer begins with; most mails fit.
const firstBytes = 64 << 10

// errMemory: too many mails are being received.
var errMemory = errors.New("mails being received take all the memory they may")

// memory is what mails being received may take together.
type memory struct {
	limit int64 // of one mail

	mu   sync.Mutex
	free int64
}

func newMemory(limit int64) *memory { return &memory{limit: limit, free: memoryFactor * (limit + 1)} }

func (m *memory) take(n int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.free < int64(n) {
		return false
	}
	m.free -= int64(n)
	return true
}

func (m *memory) giveBack(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free += int64(n)
}

// read reads until the reader ends, or ended says so of what was read; it is asked
// after each byte. What read returns counts until release is called, which has to
// be done whether or not there is an error.
func (m *memory) read(r io.Reader, ended func(all []byte) bool) (all []byte, release func(), err error) {
	taken := 0
	release = func() { m.giveBack(taken) }
	for {
		if len(all) == cap(all) {
			if int64(len(all)) > m.limit {
				return nil, release, smtp.ErrDataTooLarge
			}
			size := min(max(2*cap(all), firstBytes), int(m.limit)+1)
			if !m.take(size) {
				return nil, release, errMemory
			}
			larger := make([]byte, len(all), size)
			copy(larger, all)
			m.giveBack(taken)
			all, taken = larger, size
		}
		n, err := r.Read(all[len(all) : len(all)+1])
		all = all[:len(all)+n]
		switch {
		case n > 0 && ended(all), errors.Is(err, io.EOF):
			return all, release, nil
		case err != nil:
			return nil, release, err
		}
	}
}
