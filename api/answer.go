package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
	"switchboard/store"
)

// answer ends a request with what came of it: a noun as the contract's type, or
// a problem.
func answer[N, T any](c *gin.Context, status int, noun N, err error, out func(N) T) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.PureJSON(status, out(noun))
}

// answerDone ends a request that has nothing to tell.
func answerDone(c *gin.Context, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// listOf is a page of anything.
type listOf[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

// answerPage ends a request for a list.
func answerPage[N, T any](c *gin.Context, nouns []N, next string, err error, out func(N) T) {
	answer(c, http.StatusOK, nouns, err, func(nouns []N) listOf[T] {
		return listOf[T]{Items: each(nouns, out), NextCursor: optional(next)}
	})
}

// page is what a list's parameters ask for.
func page(cursor *string, limit *int) store.Page {
	return store.Page{Cursor: given(cursor), Limit: given(limit)}
}

// each maps nouns; none is an empty list, never null.
func each[N, T any](nouns []N, out func(N) T) []T {
	mapped := make([]T, len(nouns))
	for i, noun := range nouns {
		mapped[i] = out(noun)
	}
	return mapped
}

// listed is the list itself, empty instead of null.
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// optional returns nil for the zero value, which stands for none.
func optional[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// given returns what a pointer points to, the zero value for nil.
func given[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}

// within says that an error's field lies below another.
func within(prefix string, err error) error {
	inner, ok := errors.AsType[*inbox.Error](err)
	if !ok {
		return err
	}
	outer := *inner
	if outer.Field == "" {
		outer.Field = prefix
	} else {
		outer.Field = prefix + "." + outer.Field
	}
	return &outer
}
