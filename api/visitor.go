package api

import (
	"context"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// visitorOf reads "Authorization: Visitor <token>" and finds whose it is.
func (p *public) visitorOf(c *gin.Context) (store.Visitor, error) {
	return p.visitorByToken(c.Request.Context(), asked(c).ID, visitorToken(c))
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
