package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// GetAccount answers the account-wide policies and limits.
func (s *server) GetAccount(c *gin.Context) {
	account, err := s.store.Account(c.Request.Context())
	answer(c, http.StatusOK, account, err, accountOut)
}

// UpdateAccount changes the account-wide policies and limits.
func (s *server) UpdateAccount(c *gin.Context) {
	ctx := c.Request.Context()
	before, err := s.store.Account(ctx)
	if err != nil {
		refuse(c, err)
		return
	}
	out, err := decodePatch(c, accountOut(before))
	if err != nil {
		refuse(c, err)
		return
	}
	err = s.store.SaveAccount(ctx, inbox.Account{
		Name: out.Name, TicketsFromChannels: out.TicketsFromChannels, TicketsPerContact: out.TicketsPerContact,
		CloseAfterQuiet: time.Duration(out.CloseAfterQuiet) * time.Second,
	})
	if err != nil {
		refuse(c, err)
		return
	}
	c.PureJSON(http.StatusOK, out)
}

func accountOut(account inbox.Account) contract.Account {
	return contract.Account{
		Name: account.Name, TicketsFromChannels: account.TicketsFromChannels,
		TicketsPerContact: account.TicketsPerContact, CloseAfterQuiet: int(account.CloseAfterQuiet / time.Second),
	}
}
