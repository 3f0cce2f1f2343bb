package api

import (
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// How many event streams may be open at once in a process. A stream lasts for as
// long as its page, so that a rate does not bound them. Many visitors may sit behind
// one address, and a widget needs one stream however many tabs it has.
const (
	streamsOfAddress = 200
	streamsOfVisitor = 20
	streamsOfAgent   = 20
	// streamsOfVisitors are those of all visitors together. They leave agents alone.
	streamsOfVisitors = 20_000
	// streamRetry is how many seconds who is refused should wait.
	streamRetry = 30
)

// streamLimits counts the open event streams of each who holds some.
type streamLimits struct {
	mu   sync.Mutex
	open map[streamHolder]int
}

// streamHolder is an address, a visitor's thread, an agent, or all visitors.
type streamHolder struct{ kind, id string }

// streamCap is how many streams a holder may have, and what one more is told.
type streamCap struct {
	holder  streamHolder
	most    int
	code    inbox.Code
	refusal string
}

var allVisitors = streamHolder{kind: "visitors"}

func newStreamLimits() *streamLimits { return &streamLimits{open: map[streamHolder]int{}} }

// admitVisitor lets a visitor open a stream, until release is called, or answers
// why not.
func (l *streamLimits) admitVisitor(c *gin.Context, thread string) (release func(), ok bool) {
	return l.admit(c,
		streamCap{
			streamHolder{"visitor", thread}, streamsOfVisitor, inbox.CodeRateLimited,
			"This chat is open too often; close some of its pages.",
		},
		streamCap{
			streamHolder{"address", network(c.ClientIP()).String()}, streamsOfAddress, inbox.CodeRateLimited,
			"Too many event streams are open from your address.",
		},
		streamCap{
			allVisitors, streamsOfVisitors, inbox.CodeUnavailable,
			"Too many visitors are listening at the moment.",
		},
	)
}

// admitAgent does the same for an agent.
func (l *streamLimits) admitAgent(c *gin.Context, agentID string) (release func(), ok bool) {
	return l.admit(c, streamCap{
		streamHolder{"agent", agentID}, streamsOfAgent, inbox.CodeRateLimited,
		"You have too many event streams open; close some of them.",
	})
}

func (l *streamLimits) admit(c *gin.Context, caps ...streamCap) (release func(), ok bool) {
	if full := l.take(caps); full != nil {
		c.Header("Retry-After", strconv.Itoa(streamRetry))
		refusal := inbox.Errorf(full.code, "%s", full.refusal)
		refusal.Remedy = "Try again in " + strconv.Itoa(streamRetry) + " seconds."
		refuse(c, refusal)
		return nil, false
	}
	return func() { l.give(caps) }, true
}

// take counts one more stream of all holders, or of none and returns what is full.
func (l *streamLimits) take(caps []streamCap) (full *streamCap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, limit := range caps {
		if l.open[limit.holder] >= limit.most {
			return &caps[i]
		}
	}
	for _, limit := range caps {
		l.open[limit.holder]++
	}
	return nil
}

// give forgets holders who have none left.
func (l *streamLimits) give(caps []streamCap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, limit := range caps {
		if l.open[limit.holder]--; l.open[limit.holder] == 0 {
			delete(l.open, limit.holder)
		}
	}
}
