package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// tokenPrefix makes leaked tokens recognisable.
const tokenPrefix = "swb_"

// NewToken returns a new API token of an agent and the hash under which the
// store knows it.
func NewToken() (token, hash string) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the process first
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
	return token, tokenHash(token)
}

// tokenHash needs no salt or stretching: tokens are 256 random bits.
func tokenHash(token string) string {
	digest := sha256.Sum256([]byte(token))
	return hex.EncodeToString(digest[:])
}

const callerKey = "caller"

// authenticate finds the calling agent and holds the contract's x-role.
func (s *server) authenticate(c *gin.Context) {
	op, ok, err := operationOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	if !ok || op.role == everyone {
		return
	}
	agent, err := s.agentOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	if op.role == adminsOnly && !agent.Admin {
		refuse(c, inbox.Errorf(inbox.CodeForbidden, "Only admins may do this."))
		return
	}
	c.Set(callerKey, agent)
}

func (s *server) agentOf(c *gin.Context) (inbox.Agent, error) {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(token, tokenPrefix) {
		refusal := inbox.Errorf(inbox.CodeUnauthorized, "An API token is needed.")
		refusal.Remedy = "Send it as Authorization: Bearer <token>."
		return inbox.Agent{}, refusal
	}
	agent, err := s.store.AgentByTokenHash(c.Request.Context(), tokenHash(token))
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.Agent{}, inbox.Errorf(inbox.CodeUnauthorized, "This API token is not valid, or no longer.")
	}
	return agent, err
}

// caller is the agent authenticate found.
func caller(c *gin.Context) inbox.Agent { return c.MustGet(callerKey).(inbox.Agent) }

// author is the caller as the author of what follows.
func author(c *gin.Context) inbox.Author {
	return inbox.Author{Kind: inbox.AuthorAgent, ID: caller(c).ID}
}
