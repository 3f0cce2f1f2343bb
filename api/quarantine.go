package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
)

// ListQuarantine lists what could not be understood (B9).
func (s *server) ListQuarantine(c *gin.Context, params contract.ListQuarantineParams) {
	items, next, err := s.store.Quarantined(c.Request.Context(), page(params.Cursor, params.Limit))
	answerPage(c, items, next, err, quarantineOut)
}

// ReprocessQuarantined tries again to understand an item.
func (s *server) ReprocessQuarantined(c *gin.Context, id string) {
	ctx := c.Request.Context()
	item, err := s.store.QuarantineItem(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	if !item.ReprocessedAt.IsZero() {
		refuse(c, inbox.Errorf(inbox.CodeConflict, "This was understood already."))
		return
	}
	read, ok := s.reprocess[item.Source]
	if !ok {
		refuse(c, inbox.Errorf(inbox.CodeConflict, "This server has nothing that reads such material."))
		return
	}
	if err := read(ctx, item); err != nil {
		refuse(c, err)
		return
	}
	if err := s.store.MarkReprocessed(ctx, id); err != nil {
		refuse(c, err)
		return
	}
	item, err = s.store.QuarantineItem(ctx, id)
	answer(c, http.StatusOK, item, err, quarantineOut)
}

func quarantineOut(item store.QuarantineItem) contract.QuarantineItem {
	return contract.QuarantineItem{
		ID: item.ID, ChannelID: optional(item.ChannelID), Source: item.Source, Error: item.Error,
		CreatedAt: item.CreatedAt, ReprocessedAt: optional(item.ReprocessedAt),
	}
}
