package imap

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
)

// refusal is a server's NO, BAD or BYE without its words, which may name people
// (B12).
type refusal struct {
	stage string
	kind  imap.StatusResponseType
	code  imap.ResponseCode
}

func (e *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: the IMAP server answered %s %s", e.stage, e.kind, e.code))
}

// describe makes an error of the library one of ours. Beyond refusals and
// failing connections, its errors may quote the server.
func describe(stage string, err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*imap.Error](err); ok {
		if wish, ok := throttled(answer); ok {
			return fmt.Errorf("%s: %w", stage, wish)
		}
		return &refusal{stage: stage, kind: answer.Type, code: imap.ResponseCode(strings.ToUpper(string(answer.Code)))}
	}
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if network || certificate || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", stage, err)
	}
	return fmt.Errorf("%s: the connection broke or the IMAP server's answer was not understood", stage)
}

// patience are the codes with which servers ask for it (RFC 5530, 3; RFC 9051,
// 7.1); with OVERQUOTA and THROTTLED, Gmail limits commands and bandwidth.
var patience = []imap.ResponseCode{
	imap.ResponseCodeUnavailable, imap.ResponseCodeLimit, imap.ResponseCodeInUse, imap.ResponseCodeOverQuota, "THROTTLED",
}

// patienceWords say the same where there is no code for it.
var patienceWords = []string{"too many", "maximum number of", "throttled", "temporar"}

// backoff is how Exchange Online says for how long (github.com/imapsync/imapsync,
// issue 272).
var backoff = regexp.MustCompile(`(?i)backoff time: (\d{1,9}) milliseconds`)

// throttled reports whether an answer asks for patience, and for how long.
func throttled(answer *imap.Error) (*mailbox.Throttled, bool) {
	words := strings.ToLower(answer.Text)
	code := imap.ResponseCode(strings.ToUpper(string(answer.Code)))
	uncoded := code == "" || code == imap.ResponseCodeAlert
	if !slices.Contains(patience, code) &&
		!(uncoded && slices.ContainsFunc(patienceWords, func(word string) bool { return strings.Contains(words, word) })) {
		return nil, false
	}
	wish := &mailbox.Throttled{}
	if found := backoff.FindStringSubmatch(words); found != nil {
		if milliseconds, err := strconv.Atoi(found[1]); err == nil {
			wish.After = time.Duration(milliseconds) * time.Millisecond
		}
	}
	return wish, true
}

// loginRefused reads the answer to a login: NO is about who we are, unless its
// code says that the fault is the server's (RFC 5530, 3).
func loginRefused(err error) error {
	refused, ok := errors.AsType[*refusal](err)
	if !ok || refused.kind != imap.StatusResponseTypeNo || refused.code == imap.ResponseCodeServerBug {
		return err
	}
	return fmt.Errorf("%w: %w", mailbox.ErrRejected, err)
}

// untrusted tells a person about a certificate; other errors stay as they are.
func untrusted(err error) error {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		return err
	}
	return inbox.Invalid("imap.host", "The server's certificate is not for this name, or nobody vouches for it.").Because(err)
}

// noFolder tells a person that the folder is gone; it does not come back by
// itself.
func noFolder(err error) error {
	return inbox.Invalid("folder", "The mailbox has no such folder.").Because(fmt.Errorf("%w: %w", mailbox.ErrRejected, err))
}
