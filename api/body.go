package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// A client has slowGrace to begin with, and then sends and takes slowPace bytes a
// second or more, on average: about as slow as a telephone in a bad place.
// Answers have answerGraces times as long, from when everything is there to answer.
const (
	slowGrace    = 20 * time.Second
	slowPace     = 16 << 10
	answerGraces = 15
)

// paced is how long so many bytes take a slow client.
func paced(bytes int64) time.Duration { return time.Duration(bytes) * time.Second / slowPace }

// hurry bounds how long each request's body and answer may take, and how much of
// large bodies is in memory. Bodies are bounded in size where it is known what they are
// for; event streams and files say themselves how long they take.
func (p *public) hurry(c *gin.Context) {
	// The deadline is the connection's, which may carry further requests.
	defer func() { _ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Time{}) }()
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
		p.answerSoon(c)
		c.Next()
		return
	}
	body := &incomingBody{
		ReadCloser: c.Request.Body, public: p, request: c, most: maxBody, until: time.Now().Add(p.slowGrace),
	}
	c.Request.Body = body
	defer body.giveBack()
	c.Next()
	body.giveBack()
	body.forgetRest()
}

// answerSoon begins the time of the answer; tests without a connection have none.
func (p *public) answerSoon(c *gin.Context) {
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(p.answerGraces * p.slowGrace))
}

// limitBody bounds the request's body in bytes. A longer one is *http.MaxBytesError.
func limitBody(c *gin.Context, most int64) {
	if body, ok := c.Request.Body.(*incomingBody); ok {
		body.most = most
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
}

// incomingBody is a body on its way in. Its own errors are *inbox.Error.
type incomingBody struct {
	io.ReadCloser
	public  *public
	request *gin.Context
	// most is how large it may be.
	most int64
	read int64
	// until is when what is still to come would have to be there if nothing was.
	until time.Time
	give  func()
}

// Read implements io.Reader.
func (b *incomingBody) Read(into []byte) (int, error) {
	if b.give == nil {
		if b.read >= uncounted {
			if err := b.take(); err != nil {
				return 0, err
			}
		} else if rest := uncounted - b.read; int64(len(into)) > rest {
			into = into[:rest]
		}
	}
	b.hold()
	n, err := b.ReadCloser.Read(into)
	b.read += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		// The connection is listened to from now on, to know when the client leaves.
		b.deadline(time.Time{})
		b.public.answerSoon(b.request)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = inbox.Errorf(inbox.CodeTooSlow, "The request's body came too slowly.")
	}
	return n, err
}

// take waits for the memory that the whole body needs; waiting is not the client's
// slowness.
func (b *incomingBody) take() (err error) {
	size := b.most
	switch announced := b.request.Request.ContentLength; {
	case announced > b.most:
		return &http.MaxBytesError{Limit: b.most}
	case announced >= 0:
		size = announced
	}
	asked := time.Now()
	b.give, err = b.public.takeMemory(b.request, size)
	b.until = b.until.Add(time.Since(asked))
	return err
}

// forgetRest reads what nobody did, without keeping it: a client that is refused
// while it sends may not see the answer before it has sent everything. One that waits
// to be told to go on has not begun.
func (b *incomingBody) forgetRest() {
	if b.read == 0 && b.request.GetHeader("Expect") != "" {
		return
	}
	var err error
	for into := make([]byte, 4<<10); err == nil && b.read < 2*b.most; {
		var n int
		b.hold()
		n, err = b.ReadCloser.Read(into)
		b.read += int64(n)
	}
}

func (b *incomingBody) giveBack() {
	if b.give != nil {
		b.give()
		b.give = nil
	}
}

// hold gives the client the time that what it sent earned it.
func (b *incomingBody) hold() {
	b.deadline(b.until.Add(paced(b.read)))
}

// deadline is the connection's; tests that have none have no slow clients.
func (b *incomingBody) deadline(at time.Time) {
	_ = http.NewResponseController(b.request.Writer).SetReadDeadline(at)
}

// takeMemory waits for memory for files of the request's, which small ones need not;
// none in time is an *inbox.Error.
func (p *public) takeMemory(c *gin.Context, size int64) (giveBack func(), err error) {
	if size <= uncounted {
		return func() {}, nil
	}
	client := network(c.ClientIP()).String()
	if agent, ok := c.Value(callerKey).(inbox.Agent); ok {
		client = agent.ID
	}
	giveBack, err = p.memory.take(c.Request.Context(), client, size)
	if err == nil {
		return giveBack, nil
	}
	refusal := inbox.Errorf(inbox.CodeUnavailable, "Too many files are on their way at the moment.")
	if errors.Is(err, errClientsMemory) {
		refusal = inbox.Errorf(inbox.CodeRateLimited, "Too many files are on their way from or to you.")
	}
	wait := strconv.Itoa(int(memoryWait.Seconds()))
	c.Header("Retry-After", wait)
	refusal.Remedy = "Try again in " + wait + " seconds."
	return nil, refusal
}

// readBody reads the request's body.
func readBody(c *gin.Context) ([]byte, error) {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, unread(err, inbox.Invalid("body", "The body could not be read."))
	}
	return body, nil
}

// unread says why a body could not be read, malformed if that is not known.
func unread(err, malformed error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return inbox.Errorf(inbox.CodeTooLarge, "The body is larger than %d bytes.", large.Limit)
	}
	if known, ok := errors.AsType[*inbox.Error](err); ok {
		return known
	}
	return malformed
}
