package dovecot

import (
	"crypto/tls"
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Program is a mail program that somebody has open beside us.
type Program struct {
	*imapclient.Client
	t testing.TB
}

// Program logs a user in.
func (s *Server) Program(t testing.TB, user string) Program {
	t.Helper()
	client, err := imapclient.DialTLS(fmt.Sprintf("127.0.0.1:%d", s.TLSPort), &imapclient.Options{
		TLSConfig: &tls.Config{RootCAs: s.Roots},
	})
	if err != nil {
		t.Fatalf("connect to Dovecot: %v", err)
	}
	t.Cleanup(func() { _ = client.Close() })
	p := Program{client, t}
	p.Must(client.Login(user, s.users[user]).Wait())
	return p
}

// Deliver puts a message into a folder as if it had come.
func (p Program) Deliver(folder string, raw []byte) {
	p.t.Helper()
	command := p.Append(folder, int64(len(raw)), nil)
	_, err := command.Write(raw)
	p.Must(err)
	p.Must(command.Close())
	_, err = command.Wait()
	p.Must(err)
}

// Expunge takes the message with a Message-ID out of a folder for good.
func (p Program) Expunge(folder, messageID string) {
	p.t.Helper()
	_, err := p.Select(folder, nil).Wait()
	p.Must(err)
	criteria := &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + messageID + ">"}}}
	found, err := p.UIDSearch(criteria, nil).Wait()
	p.Must(err)
	if len(found.AllUIDs()) == 0 {
		p.t.Fatalf("there is no message %s", messageID)
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}
	p.Must(p.Store(imap.UIDSetNum(found.AllUIDs()...), deleted, nil).Close())
	p.Must(p.Client.Expunge().Close())
	p.Must(p.Unselect().Wait())
}

// Renew makes a folder anew, as when a server was moved: with the same messages
// under another UIDVALIDITY.
func (p Program) Renew(folder string) {
	p.t.Helper()
	const moved = "moved"
	p.Must(p.Create(moved, nil).Wait())
	selected, err := p.Select(folder, nil).Wait()
	p.Must(err)
	if selected.NumMessages > 0 {
		var all imap.SeqSet
		all.AddRange(1, 0)
		_, err := p.Copy(all, moved).Wait()
		p.Must(err)
	}
	p.Must(p.Unselect().Wait())
	p.Must(p.Delete(folder).Wait())
	p.Must(p.Rename(moved, folder, nil).Wait())
}

// Seen counts a folder's messages that are marked as read.
func (p Program) Seen(folder string) int {
	p.t.Helper()
	_, err := p.Select(folder, nil).Wait()
	p.Must(err)
	found, err := p.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	p.Must(err)
	p.Must(p.Unselect().Wait())
	return len(found.AllUIDs())
}

// Must ends the test at an error.
func (p Program) Must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("a mail program at Dovecot: %v", err)
	}
}
