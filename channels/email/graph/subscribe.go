package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

var _ mailbox.Subscriber = (*Client)(nil)

// subscription is the resource of that name in the parts that are used
// (learn.microsoft.com/graph/api/resources/subscription).
type subscription struct {
	ID                       string    `json:"id,omitempty"`
	ChangeType               string    `json:"changeType,omitempty"`
	Resource                 string    `json:"resource,omitempty"`
	NotificationURL          string    `json:"notificationUrl,omitempty"`
	LifecycleNotificationURL string    `json:"lifecycleNotificationUrl,omitempty"`
	ClientState              string    `json:"clientState,omitempty"`
	ExpirationDateTime       time.Time `json:"expirationDateTime"`
}

// Subscribe implements mailbox.Subscriber. A new subscription is made only once our
// address has answered Graph's question, which it asks meanwhile. One that is renewed is
// told our address again, which may have changed.
func (c *Client) Subscribe(ctx context.Context, wish mailbox.Subscription) (mailbox.Subscription, error) {
	if wish.ID != "" {
		renewed, err := c.subscription(ctx, http.MethodPatch, subscriptionPath(wish.ID), subscription{
			NotificationURL: wish.URL, ExpirationDateTime: wish.Until,
		})
		if !rest.HasStatus(err, http.StatusNotFound) {
			return renewed, err
		}
	}
	return c.subscription(ctx, http.MethodPost, "/subscriptions", subscription{
		ChangeType: "created", Resource: "me/mailFolders('inbox')/messages", ClientState: wish.Secret,
		NotificationURL: wish.URL, LifecycleNotificationURL: wish.URL, ExpirationDateTime: wish.Until,
	})
}

func (c *Client) subscription(ctx context.Context, method, path string, wish subscription) (mailbox.Subscription, error) {
	wish.ExpirationDateTime = wish.ExpirationDateTime.UTC().Truncate(time.Second)
	body, err := json.Marshal(wish)
	if err != nil {
		return mailbox.Subscription{}, fmt.Errorf("write subscription: %w", err)
	}
	var made subscription
	err = c.api.JSON(ctx, rest.Request{
		Method: method, Path: path, Header: http.Header{"Content-Type": {"application/json"}}, Body: body,
	}, &made)
	return mailbox.Subscription{ID: made.ID, URL: wish.NotificationURL, Secret: wish.ClientState, Until: made.ExpirationDateTime}, err
}

// Unsubscribe implements mailbox.Subscriber.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	_, err := c.api.Do(ctx, rest.Request{Method: http.MethodDelete, Path: subscriptionPath(id)})
	if rest.HasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func subscriptionPath(id string) string { return "/subscriptions/" + url.PathEscape(id) }
