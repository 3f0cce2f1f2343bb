package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// Phones calls a number and says a code; *call.Channel is one. Errors are
// *channels.SendError.
type Phones interface {
	CallOut(ctx context.Context, from, to, code string) error
}

// VerifyMyPhone has the caller's number called with a code. Until the code is said
// the number is not dialled for anybody (P2).
func (s *server) VerifyMyPhone(c *gin.Context) {
	in, err := decode[contract.PhoneUpdate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	number, ok := channels.PhoneNumber(in.Number)
	if !ok {
		refuse(c, inbox.Invalid("number", "The number is written like +14155550100."))
		return
	}
	ctx := c.Request.Context()
	from, err := s.store.Caller(ctx)
	if err == nil && from == "" {
		err = inbox.Errorf(inbox.CodeProviderNotSetUp, "There is no call channel with a number to call from.")
	}
	if err != nil {
		refuse(c, err)
		return
	}
	code := newCode()
	verification, err := s.store.VerifyPhone(ctx, caller(c).ID, func(before inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
		return routing.PhoneCode(before, number, codeHash(caller(c).ID, code), time.Now().UTC())
	})
	if err == nil {
		err = called(s.phones.CallOut(ctx, from, number, code))
	}
	answer(c, http.StatusAccepted, verification, err, func(v inbox.PhoneVerification) contract.PhoneVerification {
		return contract.PhoneVerification{Number: v.Number, ExpiresAt: v.ExpiresAt}
	})
}

// called tells a user of a call that was not made.
func called(err error) error {
	if failure, ok := errors.AsType[*channels.SendError](err); ok {
		return inbox.Errorf(failure.Code, "The number could not be called.").Because(err)
	}
	return err
}

// ProveMyPhone gives the caller the number that the code proves; calls that wait
// may come to it.
func (s *server) ProveMyPhone(c *gin.Context) {
	in, err := decode[contract.PhoneProof](c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	hash := codeHash(caller(c).ID, strings.TrimSpace(in.Code))
	agent, err := s.store.ProvePhone(ctx, caller(c).ID, func(v inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
		return routing.TryPhoneCode(v, hash, time.Now().UTC())
	})
	if err == nil {
		s.agentChanged(ctx, agent)
	}
	answer(c, http.StatusOK, agent, err, agentOut)
}

// DeleteMyPhone takes the caller's number away.
func (s *server) DeleteMyPhone(c *gin.Context) {
	answerDone(c, s.store.SetPhone(c.Request.Context(), caller(c).ID, ""))
}

// newCode returns six digits that nobody can guess.
func newCode() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // never fails: crypto/rand ends the process first
	return fmt.Sprintf("%06d", n)
}

// codeHash needs no stretching: a code is good for ten minutes and five tries.
func codeHash(agentID, code string) string {
	digest := sha256.Sum256([]byte(agentID + ":" + code))
	return hex.EncodeToString(digest[:])
}
