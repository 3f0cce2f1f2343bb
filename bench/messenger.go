package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"switchboard/channels/messenger"
	"switchboard/channels/messenger/webhook"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/secrets"
	"switchboard/store"
	"switchboard/test/standins/fakemessenger"
	"switchboard/workflows"
)

// Our application at the stand-in for Facebook, and its page.
const (
	facebookAppID, facebookSecret = "4711", "app-secret"
	facebookPage, facebookToken   = "100", "page-token"
)

func newFacebook() *fakemessenger.Server {
	return fakemessenger.New(facebookAppID, facebookSecret, fakemessenger.Page{ID: facebookPage, Name: "Bench", Token: facebookToken})
}

// facebookSettings lead to the stand-in.
func facebookSettings(facebook *fakemessenger.Server) ([]string, error) {
	keys, err := secrets.New()
	if err != nil {
		return nil, err
	}
	encoded, err := keys.Encode()
	return []string{
		"SWITCHBOARD_SECRETS_KEYSET=" + encoded,
		"SWITCHBOARD_MESSENGER_APP_ID=" + facebookAppID,
		"SWITCHBOARD_MESSENGER_APP_SECRET=" + facebookSecret,
		"SWITCHBOARD_MESSENGER_VERIFY_TOKEN=agreed",
		"SWITCHBOARD_MESSENGER_GRAPH_URL=" + facebook.GraphURL(),
	}, err
}

// messengerChannel makes a Messenger channel that assigns like another channel. Its
// default chatflow answers at once.
func messengerChannel(ctx context.Context, s *store.Store, connected *pages.Service, like inbox.Channel) (inbox.Channel, error) {
	settings, err := new(messenger.Channel).CheckSettings([]byte(`{}`))
	if err != nil {
		return inbox.Channel{}, err
	}
	channel, err := s.CreateChannel(ctx, inbox.Channel{
		InboxID: like.InboxID, Kind: inbox.KindMessenger, Name: "Messenger", Enabled: true, State: inbox.ChannelConnected,
		Assignment: like.Assignment, Tickets: like.Tickets, Settings: settings,
	})
	if err != nil {
		return channel, err
	}
	return connected.Keep(ctx, channel.ID, "bench", pages.Access{ID: facebookPage, Name: "Bench", Token: facebookToken})
}

// byMessenger delivers a signed webhook of a person who writes for the first time,
// and waits for the conversation's ticket, the last step.
func (r *rig) byMessenger(ctx context.Context, i int) (string, error) {
	person, now := fmt.Sprintf("2000%d", i), time.Now()
	r.facebook.Wrote(facebookPage, person, now)
	body := fmt.Appendf(nil, `{"object":"page","entry":[{"id":%[1]q,"time":%[3]d,"messaging":[
		{"sender":{"id":%[2]q},"recipient":{"id":%[1]q},"timestamp":%[3]d,"message":{"mid":"m_%[2]s","text":"It is broken."}}]}]}`,
		facebookPage, person, now.UnixMilli())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.server.URL()+"/webhooks/messenger", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, facebookSecret))
	response, err := r.http.Do(request)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("webhook answered %s", response.Status)
	}
	conversation, err := r.store.ConversationByThread(ctx, r.page.ID, messenger.ThreadKey(facebookPage, person))
	if err != nil {
		return "", err
	}
	return workflows.ConversationID(conversation.ID), r.tickets.await(ctx, conversation.ID)
}
