package fakegraph

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// maxSubscription is the longest a subscription to messages may last.
	maxSubscription = 4200 * time.Minute
	// answerWithin is how long whoever is told may take: more than Graph's ten seconds
	// (learn.microsoft.com/graph/change-notifications-delivery-webhooks), since the
	// machine may be busy with other tests.
	answerWithin = 2 * time.Minute
)

// subscription is whom the API tells of new messages in the inbox
// (learn.microsoft.com/graph/api/resources/subscription).
type subscription struct {
	id, url, lifecycleURL, clientState string
	until                              time.Time
}

// Subscription is a subscription as a test sees it.
type Subscription struct {
	ID, URL, ClientState string
	Until                time.Time
}

// TellWith has the API tell of new messages with this client, which trusts the
// certificate of whoever is told.
func (s *Server) TellWith(client *http.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teller = client
}

// Subscriptions are those that have not ended.
func (s *Server) Subscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Subscription
	for _, known := range s.subscriptions {
		list = append(list, Subscription{known.id, known.url, known.clientState, known.until})
	}
	return list
}

// Unsubscribe ends every subscription and tells so (subscriptionRemoved).
func (s *Server) Unsubscribe() {
	s.tell("", "subscriptionRemoved")
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.subscriptions)
}

// Repeat tells every subscriber of a new message once more, as Graph may.
func (s *Server) Repeat() { s.tell("created", "") }

// wish is the body of a request about a subscription.
type wish struct {
	ChangeType, Resource, NotificationURL, LifecycleNotificationURL, ClientState string
	ExpirationDateTime                                                           time.Time
}

func (s *Server) wished(w http.ResponseWriter, r *http.Request) (wish, bool) {
	var in wish
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		s.complain(w, "%s %s: %v", r.Method, r.URL.Path, err)
		return in, false
	}
	if left := time.Until(in.ExpirationDateTime); left <= 0 || left > maxSubscription {
		s.complain(w, "a subscription cannot last %s", left)
		return in, false
	}
	return in, true
}

func (s *Server) serveSubscribe(w http.ResponseWriter, r *http.Request) {
	in, ok := s.wished(w, r)
	switch {
	case !ok:
		return
	case in.ChangeType != "created" || !slices.Contains([]string{"me/mailfolders('inbox')/messages", "me/mailFolders('inbox')/messages"}, in.Resource):
		s.complain(w, "a subscription to %q of %q is not known", in.ChangeType, in.Resource)
		return
	case len(in.ClientState) > 128:
		s.complain(w, "a client state of %d characters", len(in.ClientState))
		return
	}
	for _, address := range []string{in.NotificationURL, in.LifecycleNotificationURL} {
		if !s.validates(address) {
			fail(w, http.StatusBadRequest, "ValidationError")
			return
		}
	}
	made := &subscription{
		id: s.name("S"), url: in.NotificationURL, lifecycleURL: in.LifecycleNotificationURL,
		clientState: in.ClientState, until: in.ExpirationDateTime,
	}
	s.subscriptions[made.id] = made
	answer(w, http.StatusCreated, made.shown())
}

func (made *subscription) shown() map[string]any {
	return map[string]any{"id": made.id, "expirationDateTime": made.until, "clientState": nil, "notificationUrl": made.url}
}

// validates asks an address whether it is the subscriber's.
func (s *Server) validates(address string) bool {
	to, err := url.Parse(address)
	if err != nil || to.Scheme != "https" {
		s.t.Errorf("fakegraph: %s cannot be told", address)
		return false
	}
	token := "Validation: " + s.name("V") + " <&+"
	to.RawQuery = url.Values{"validationToken": {token}}.Encode()
	status, kind, body := s.post(to.String(), "text/plain; charset=utf-8", nil)
	return status == http.StatusOK && strings.HasPrefix(kind, "text/plain") && body == token
}

func (s *Server) serveRenew(w http.ResponseWriter, r *http.Request) {
	in, ok := s.wished(w, r)
	if !ok {
		return
	}
	known, found := s.subscriptions[r.PathValue("id")]
	if !found {
		fail(w, http.StatusNotFound, "ResourceNotFound")
		return
	}
	if in.LifecycleNotificationURL != "" || in.ClientState != "" || in.Resource != "" || in.ChangeType != "" {
		s.complain(w, "only a subscription's time and address change")
		return
	}
	if in.NotificationURL != "" {
		if !s.validates(in.NotificationURL) {
			fail(w, http.StatusBadRequest, "ValidationError")
			return
		}
		known.url = in.NotificationURL
	}
	known.until = in.ExpirationDateTime
	answer(w, http.StatusOK, known.shown())
}

func (s *Server) serveUnsubscribe(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, found := s.subscriptions[id]; !found {
		fail(w, http.StatusNotFound, "ResourceNotFound")
		return
	}
	delete(s.subscriptions, id)
	w.WriteHeader(http.StatusNoContent)
}

// tell notifies every subscriber of a change, or of an event of the subscription's
// life.
func (s *Server) tell(change, event string) {
	s.mu.Lock()
	var told []subscription
	for _, known := range s.subscriptions {
		told = append(told, *known)
	}
	s.mu.Unlock()
	for _, known := range told {
		notification := map[string]any{
			"subscriptionId": known.id, "subscriptionExpirationDateTime": known.until, "clientState": known.clientState,
			"tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
		}
		to := known.url
		if event != "" {
			notification["lifecycleEvent"], to = event, known.lifecycleURL
		} else {
			notification["changeType"], notification["resource"] = change, "Users/fake-user/Messages/AAk"
			notification["resourceData"] = map[string]string{"@odata.type": "#Microsoft.Graph.Message", "id": "AAk"}
		}
		body, err := json.Marshal(map[string]any{"value": []any{notification}})
		if err != nil {
			s.t.Errorf("fakegraph: %v", err)
		}
		if status, _, _ := s.post(to, "application/json; charset=utf-8", body); status != http.StatusAccepted {
			s.t.Errorf("fakegraph: a notification was answered with %d", status)
		}
	}
}

func (s *Server) post(address, contentType string, body []byte) (status int, kind, answered string) {
	client := *s.teller
	client.Timeout = answerWithin
	response, err := client.Post(address, contentType, bytes.NewReader(body))
	if err != nil {
		s.t.Errorf("fakegraph: tell the subscriber: %v", err)
		return 0, "", ""
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Errorf("fakegraph: tell the subscriber: %v", err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(raw)
}
