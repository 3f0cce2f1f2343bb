package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// One visitor says and does so much in a second, and at once: more than a person can.
// Others behind the same address have a budget of their own, below the address's.
const (
	visitorsASecond = 2
	visitorsAtOnce  = 40
)

// visitorOf reads "Authorization: Visitor <token>" and finds whose it is. A visitor
// who says or does too much is CodeRateLimited.
func (p *public) visitorOf(c *gin.Context) (store.Visitor, error) {
	visitor, err := p.visitorByToken(c.Request.Context(), asked(c).ID, visitorToken(c))
	if err != nil || c.Request.Method != http.MethodPost {
		return visitor, err
	}
	if wait, ok := p.visitors.take(visitor.ThreadKey, p.clock()); !ok {
		return visitor, tooOften(c, wait)
	}
	return visitor, nil
}

// tooOften refuses for so many seconds.
func tooOften(c *gin.Context, wait int) error {
	c.Header("Retry-After", strconv.Itoa(wait))
	return inbox.Errorf(inbox.CodeRateLimited, "Too many requests; try again in %d seconds.", wait)
}

// visitorToken is the token that was sent, "" for none.
func visitorToken(c *gin.Context) string {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Visitor") {
		return ""
	}
	return token
}

// visitorByToken finds whose token it is. One that was not made for the channel,
// or was replaced, is CodeUnauthorized.
func (p *public) visitorByToken(ctx context.Context, channelID, token string) (store.Visitor, error) {
	if !chat.IsVisitorToken(channelID, token) {
		refusal := inbox.Errorf(inbox.CodeUnauthorized, "A visitor token of this chat is needed.")
		refusal.Remedy = "Begin a session and send its token as Authorization: Visitor <token>."
		return store.Visitor{}, refusal
	}
	return p.store.VisitorByToken(ctx, firstVisitor(channelID, token), chat.ReplacesToken(channelID, token), time.Now())
}

// firstVisitor is whom a first token belongs to.
func firstVisitor(channelID, token string) store.Visitor {
	cookie := inbox.CookieIdentity(token)
	return store.Visitor{ThreadKey: chat.ThreadKey(channelID, token), Cookie: cookie, Token: cookie.Value}
}
