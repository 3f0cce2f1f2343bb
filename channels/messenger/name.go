package messenger

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"switchboard/channels"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

// Name implements channels.Namer. Facebook says nothing of people who keep their
// profile from pages (developers.facebook.com/docs/messenger-platform/identity/user-profile).
func (c *Channel) Name(ctx context.Context, channel inbox.Channel, conversation inbox.Conversation) (string, error) {
	pageID, id, _ := strings.Cut(conversation.ThreadKey, ":")
	page, err := c.Pages.Token(ctx, channel.ID)
	if err != nil {
		return "", &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	}
	if id == "" || page.ID != pageID {
		return "", nil // the contact was erased, or wrote to another page
	}
	var person struct {
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
	}
	err = c.API.Do(ctx, graph.Call{
		Method: http.MethodGet, Path: []string{id}, Query: url.Values{"fields": {"first_name,last_name"}}, Token: page.Token,
	}, &person)
	if err != nil {
		return "", c.refusedFor(ctx, page, err, notSent(err))
	}
	return channels.CleanName(person.FirstName + " " + person.LastName), nil
}

// NameQueue implements channels.Namer.
func (*Channel) NameQueue(inbox.Channel) string { return Queue }
