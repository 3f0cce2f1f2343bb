package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Page is a page that a person lets us into, with the token for it.
type Page struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Token string   `json:"access_token"`
	Tasks []string `json:"tasks"`
}

// UserToken redeems a consent's code for a long-lived token of the person
// (developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived).
func (a *API) UserToken(ctx context.Context, appID, redirectURL, code string) (string, error) {
	short, err := a.token(ctx, url.Values{
		"client_id": {appID}, "client_secret": {a.secret}, "redirect_uri": {redirectURL}, "code": {code},
	})
	if err != nil {
		return "", err
	}
	return a.token(ctx, url.Values{
		"grant_type": {"fb_exchange_token"}, "client_id": {appID}, "client_secret": {a.secret}, "fb_exchange_token": {short},
	})
}

func (a *API) token(ctx context.Context, query url.Values) (string, error) {
	var answer struct {
		Token string `json:"access_token"`
	}
	err := a.Do(ctx, Call{Method: http.MethodGet, Path: []string{"oauth", "access_token"}, Query: query}, &answer)
	if err == nil && answer.Token == "" {
		err = errors.New("facebook gave no token")
	}
	return answer.Token, err
}

// maximumPages bounds how many hundreds of pages are listed.
const maximumPages = 10

// Pages lists the pages a person manages, whatever they do there.
func (a *API) Pages(ctx context.Context, userToken string) ([]Page, error) {
	query := url.Values{"fields": {"id,name,access_token,tasks"}, "limit": {"100"}}
	var pages []Page
	for range maximumPages {
		var answer struct {
			Data   []Page `json:"data"`
			Paging struct {
				Next    string `json:"next"`
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
			} `json:"paging"`
		}
		err := a.Do(ctx, Call{Method: http.MethodGet, Path: []string{"me", "accounts"}, Query: query, Token: userToken}, &answer)
		if err != nil {
			return nil, err
		}
		for _, page := range answer.Data {
			// A page admin connects it (M1); without its token there is no way in.
			if page.Token != "" && (page.Tasks == nil || slices.Contains(page.Tasks, "MANAGE")) {
				pages = append(pages, page)
			}
		}
		if answer.Paging.Next == "" {
			break
		}
		query.Set("after", answer.Paging.Cursors.After)
	}
	return pages, nil
}

// subscribed are the webhook's fields that we take in.
var subscribed = []string{
	"messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads", "message_reactions",
	"messaging_referrals", "standby",
}

// Subscribed reports whether the page's events are delivered to our application:
// Facebook ends that when they could not be delivered for long.
func (a *API) Subscribed(ctx context.Context, pageID, token, appID string) (bool, error) {
	var answer struct {
		Data []struct {
			ID     string   `json:"id"`
			Fields []string `json:"subscribed_fields"`
		} `json:"data"`
	}
	err := a.Do(ctx, Call{Method: http.MethodGet, Path: []string{pageID, "subscribed_apps"}, Token: token}, &answer)
	if err != nil {
		return false, err
	}
	for _, app := range answer.Data {
		if app.ID == appID {
			return !slices.ContainsFunc(subscribed, func(field string) bool { return !slices.Contains(app.Fields, field) }), nil
		}
	}
	return false, nil
}

// Subscribe has the page's events delivered to our application.
func (a *API) Subscribe(ctx context.Context, pageID, token string) error {
	return a.Do(ctx, Call{
		Method: http.MethodPost, Path: []string{pageID, "subscribed_apps"}, Query: url.Values{"subscribed_fields": {strings.Join(subscribed, ",")}}, Token: token,
	}, &struct{}{})
}

// Unsubscribe ends it.
func (a *API) Unsubscribe(ctx context.Context, pageID, token string) error {
	return a.Do(ctx, Call{Method: http.MethodDelete, Path: []string{pageID, "subscribed_apps"}, Token: token}, &struct{}{})
}

// getStarted is the payload of the button below the greeting.
const getStarted = "GET_STARTED"

// SetProfile sets the greeting, "" for Facebook's own, and the button to get
// started (developers.facebook.com/docs/messenger-platform/reference/messenger-profile-api).
func (a *API) SetProfile(ctx context.Context, token, greeting string) error {
	profile := map[string]any{"get_started": map[string]string{"payload": getStarted}}
	if greeting != "" {
		profile["greeting"] = []map[string]string{{"locale": "default", "text": greeting}}
	} else if err := a.profile(ctx, http.MethodDelete, token, map[string]any{"fields": []string{"greeting"}}); err != nil {
		return err
	}
	return a.profile(ctx, http.MethodPost, token, profile)
}

func (a *API) profile(ctx context.Context, method, token string, body any) error {
	return a.Do(ctx, Call{Method: method, Path: []string{"me", "messenger_profile"}, Token: token, Body: body}, &struct{}{})
}
