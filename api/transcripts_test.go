package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// pendingTranscripts are the recipients of what is to be mailed.
func (w *world) pendingTranscripts(t *testing.T) (addresses []string) {
	t.Helper()
	for _, id := range must(w.store.PendingTranscripts(t.Context(), time.Now().Add(time.Hour), 100))(t) {
		mail, _, err := w.store.ClaimNotice(t.Context(), id, time.Now())
		check(t, err)
		addresses = append(addresses, mail.To...)
	}
	return addresses
}

// chats is a visitor with an agent's answer.
func (w *world) chats(t *testing.T) (token string) {
	t.Helper()
	token = w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+conversation+"/replies", object{"text": "Good morning"}).want(http.StatusCreated)
	return token
}

func TestNothingIsMailedBeforeAnAgentAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	w.say(t, token, "1", "Buy my lamps")
	w.visit(t, token, "POST", "transcripts", object{"email": "stranger@contact.test"}).wantProblem(http.StatusConflict, "conflict", "")
	if got := w.pendingTranscripts(t); len(got) != 0 {
		t.Errorf("mailed to %v", got)
	}
}

func TestAVisitorHasTheChatMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	w.visit(t, token, "POST", "transcripts", object{"email": "grace@contact.test"}).wantProblem(http.StatusNotFound, "not_found", "")
	token = w.chats(t)
	w.visit(t, token, "POST", "transcripts", object{"email": "grace"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "email")
	w.visit(t, token, "POST", "transcripts", object{}).wantProblem(http.StatusUnprocessableEntity, "invalid", "email")
	w.visit(t, token, "POST", "transcripts", object{"email": "grace@contact.test"}).want(http.StatusAccepted)
	if got := w.pendingTranscripts(t); len(got) != 1 || got[0] != "grace@contact.test" {
		t.Errorf("mailed to %v", got)
	}
}

func TestATranscriptNeedsNoBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contact, conversation := w.contact(t)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+conversation+"/transcript", nil).want(http.StatusAccepted)
	address := must(w.store.Contact(t.Context(), contact))(t).Identity(inbox.IdentityEmail)
	if got := w.pendingTranscripts(t); len(got) != 1 || got[0] != address {
		t.Errorf("mailed to %v, not %s", got, address)
	}
	// Of a visitor without an address nobody knows where to.
	w.visit(t, w.chats(t), "POST", "transcripts", nil).wantProblem(http.StatusUnprocessableEntity, "invalid", "email")
}

func TestTheLanguageThatAVisitorIsSpokenToIsKeptWithTheMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	do(t, w.visitorRequest(t, token, "POST", "messages", object{"text": "x", "client_id": "0", "language": "tlh"}), false).wantProblem(http.StatusUnprocessableEntity, "invalid", "language")
	upload := func(language string) response {
		contentType, body := multipartBody(t, map[string]string{"client_id": "2", "text": "Look", "language": language}, map[string][]byte{"files": []byte("x")})
		request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/chat/"+w.channel.ID+"/messages", strings.NewReader(body)))(t)
		request.Header.Set("Content-Type", contentType)
		request.Header.Set("Authorization", "Visitor "+token)
		return do(t, request, true)
	}
	upload("tlh").wantProblem(http.StatusUnprocessableEntity, "invalid", "language")
	first := w.visit(t, token, "POST", "messages", object{"text": "مرحبا", "client_id": "1", "language": "ar"}).want(http.StatusAccepted)
	upload("de").want(http.StatusAccepted)
	w.visit(t, token, "POST", "messages", object{"text": "x", "client_id": "3"}).want(http.StatusAccepted)
	for _, language := range chat.Languages() {
		w.visit(t, w.session(t), "POST", "messages", object{"text": "x", "client_id": "1", "language": language}).want(http.StatusAccepted)
	}
	messages, _, err := w.store.Messages(t.Context(), first.text("conversation_id"), store.Page{})
	check(t, err)
	var spoken []string
	for _, message := range messages {
		for _, field := range message.Fields {
			if field.Name != "language" || !field.Hidden {
				t.Errorf("field %+v", field)
			}
			spoken = append(spoken, field.Values...)
		}
	}
	if !slices.Equal(spoken, []string{"ar", "de"}) || len(messages) != 3 {
		t.Errorf("spoken to in %v", spoken)
	}
}

func TestAVisitorHasFewTranscriptsMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.chats(t)
	for range 5 {
		w.visit(t, token, "POST", "transcripts", object{"email": "grace@contact.test"}).want(http.StatusAccepted)
	}
	refused := w.visit(t, token, "POST", "transcripts", object{"email": "grace@contact.test"})
	refused.wantProblem(http.StatusTooManyRequests, "rate_limited", "")
	if refused.header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	}
}

func TestOneClientAddressHasFewTranscriptsMailedWhateverItsTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill)
	for i := range 11 {
		token := w.chats(t)
		answer := w.visit(t, token, "POST", "transcripts", object{"email": store.NewID() + "@contact.test"})
		if i == 10 {
			answer.wantProblem(http.StatusTooManyRequests, "rate_limited", "")
		} else {
			answer.want(http.StatusAccepted)
		}
	}
}

func TestAnAgentMailsATranscriptToTheContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contact, conversation := w.contact(t)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+conversation+"/transcript", object{}).want(http.StatusAccepted)
	address := must(w.store.Contact(t.Context(), contact))(t).Identity(inbox.IdentityEmail)
	if got := w.pendingTranscripts(t); len(got) != 1 || got[0] != address {
		t.Errorf("mailed to %v, not %s", got, address)
	}
	form := w.form(t)
	other := w.conversationOn(t, form, "pumps")
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+other.ConversationID+"/transcript", object{}).wantProblem(http.StatusConflict, "conflict", "")
}

func TestACopyGoesToTheAddressThatTheVisitorGaveLast(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	token := w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	w.contactOf(t, conversation)
	w.reply(t, conversation, "Good morning", inbox.MessageSent)
	for _, said := range []object{
		{"email": "ana@contact.test"}, {"email": "anna@contact.test"}, // a correction
		{"email": "anna@contact.test", "hash": hash(secret, "anna@contact.test")}, // proved
		{"email": "anna@home.test"},
	} {
		token, _ = w.identify(t, token, said)
		w.call(t, w.agent, "POST", "/api/v1/conversations/"+conversation+"/transcript", nil).want(http.StatusAccepted)
		if got := w.pendingTranscripts(t); len(got) == 0 || got[len(got)-1] != said["email"] {
			t.Errorf("after %v the copy goes to %v", said, got)
		}
	}
	var known []string
	for _, identity := range w.contactOf(t, conversation).Identities {
		if identity.Kind == inbox.IdentityEmail {
			known = append(known, identity.Value)
		}
	}
	if want := []string{"anna@contact.test", "anna@home.test"}; !slices.Equal(known, want) {
		t.Errorf("the visitor is known by %v, want %v", known, want)
	}
}

func TestTranscriptsComeFromAnAddressOfAnEMailChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/channels/" + w.channel.ID
	sender := func(address string) object {
		return object{"settings": object{"transcript_from": object{"address": address}}}
	}
	w.call(t, w.admin, "PATCH", path, sender("desk@lamps.test")).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "settings.transcript_from.address")
	w.call(t, w.admin, "POST", "/api/v1/inboxes/"+w.inbox.ID+"/channels",
		object{"kind": "email", "name": "Mail", "settings": object{"address": "desk@lamps.test"}}).want(http.StatusCreated)
	w.call(t, w.admin, "PATCH", path, sender("Desk@lamps.test")).want(http.StatusOK)
}
