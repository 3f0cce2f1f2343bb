package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"switchboard/api"
	"switchboard/inbox"
	"switchboard/secrets"
	"switchboard/store"
)

// newVouchingWorld has keys, and a chat with one identity secret.
func newVouchingWorld(t *testing.T) (w *world, secret string) {
	t.Helper()
	w = newWorld(t, func(o *api.Options) { o.Mailboxes.Keys = must(secrets.New())(t) })
	return w, w.identitySecret(t).text("secret")
}

func (w *world) identitySecret(t *testing.T) response {
	t.Helper()
	return w.call(t, w.admin, "POST", "/api/v1/channels/"+w.channel.ID+"/identity-secrets", nil).want(201)
}

// hash is what a website's server computes.
func hash(secret, subject string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(subject))
	return hex.EncodeToString(mac.Sum(nil))
}

// identify says who a visitor is and returns the token to go on with, and whether
// it is another visitor's.
func (w *world) identify(t *testing.T, token string, who object) (next string, another bool) {
	t.Helper()
	got := w.visit(t, token, "POST", "identify", who).want(200)
	return got.text("visitor_token"), got.object()["new_visitor"].(bool)
}

// contactOf is the contact of a visitor's conversation.
func (w *world) contactOf(t *testing.T, conversationID string) inbox.Contact {
	t.Helper()
	ref := inbox.EpisodeRef{ConversationID: conversationID, Episode: 1}
	return must(w.store.Contact(t.Context(), must(w.store.ResolveContact(t.Context(), ref))(t).ContactID))(t)
}

// known is a contact who wrote before.
func (w *world) known(t *testing.T, identity inbox.Identity) inbox.Contact {
	t.Helper()
	check(t, w.store.Identify(t.Context(), inbox.Sender{Name: "Grace", Identities: []inbox.Identity{identity}}))
	return must(w.store.ContactByIdentity(t.Context(), identity))(t)
}

func TestAnIdentifiedVisitorKeepsTheThreadAndLosesTheTokenThatOthersMayKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).UsualHeartbeat) // nothing but the answer ends the stream
	old := w.session(t)
	first, conversation := w.say(t, old, "1", "Hello")
	before, spying := w.stream(t, old, ""), w.stream(t, old, "")
	w.say(t, old, "2", "Still there?")
	last := before.next()

	token, another := w.identify(t, old, object{"email": "ada@example.com"})
	if token == old || another {
		t.Fatalf("identified, the token is %q", token)
	}
	if got := w.visit(t, token, "GET", "messages", nil).want(200); len(got.ids()) != 2 || got.ids()[0] != first {
		t.Errorf("the new token lists %s", got.body)
	}
	// The new token was used: the one before opens nothing any more.
	for operation, body := range map[string]any{
		"GET messages": nil, "GET events": nil, "POST typing": nil, "POST read": object{"message_id": first},
		"POST messages": object{"text": "x", "client_id": "3"}, "POST identify": object{"email": "eve@example.com"},
		"GET messages/" + first + "/attachments/x": nil,
	} {
		method, path, _ := strings.Cut(operation, " ")
		w.visit(t, old, method, path, body).wantProblem(401, "unauthorized", "")
	}
	path := "/chat/" + w.channel.ID + "/sessions"
	if got := w.call(t, person{}, "POST", path, object{"visitor_token": old}).want(200).text("visitor_token"); got == old || got == token {
		t.Error("the old token's session went on")
	}
	if got := w.call(t, person{}, "POST", path, object{"visitor_token": token}).want(200).text("visitor_token"); got != token {
		t.Error("the new token's session did not go on")
	}
	// A stream that was opened before ends without the answer; the new token goes on
	// where it was, and nothing is lost or doubled.
	answer := w.reply(t, conversation, "Good morning, Ada", inbox.MessageSent)
	for spying.lines.Scan() {
		if strings.Contains(spying.lines.Text(), "Ada") {
			t.Error("the old token's stream heard the answer")
		}
	}
	after := w.stream(t, token, last.id)
	if got := after.next(); got.data["id"] != answer.ID {
		t.Errorf("the new token's stream went on with %+v", got)
	}
	third, same := w.say(t, token, "3", "Thank you")
	if got := after.next(); got.data["id"] != third || got.data["client_id"] != "3" || same != conversation {
		t.Errorf("then %+v in %s", got, same)
	}
	if strings.Contains(w.log.String(), old) || strings.Contains(w.log.String(), token) {
		t.Error("a token was logged")
	}
}

func TestAVisitorWhoNeverGotTheAnswerIdentifiesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.session(t)
	said, _ := w.say(t, old, "1", "Hello")
	lost, _ := w.identify(t, old, object{"email": "ada@example.com"})
	if got := w.visit(t, old, "GET", "messages", nil).want(200); len(got.ids()) != 1 {
		t.Errorf("before the next token is used, the old one lists %s", got.body)
	}
	token, _ := w.identify(t, old, object{"email": "ada@example.com"})
	if got := w.visit(t, token, "GET", "messages", nil).want(200); !slices.Equal(got.ids(), []string{said}) {
		t.Errorf("the thread is %s", got.body)
	}
	for _, dead := range []string{old, lost} {
		w.visit(t, dead, "GET", "messages", nil).wantProblem(401, "unauthorized", "")
	}
}

func TestAClaimedAddressStaysWithItsContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	grace := w.known(t, inbox.EmailIdentity("grace@example.com"))
	// Neither a visitor who said nothing yet nor one who did becomes her.
	for i, speaksFirst := range []bool{false, true} {
		token := w.session(t)
		if speaksFirst {
			_, conversation := w.say(t, token, "0", "Hello")
			w.contactOf(t, conversation)
		}
		token, _ = w.identify(t, token, object{"email": "grace@example.com"})
		_, conversation := w.say(t, token, "1", "It is me")
		contact := w.contactOf(t, conversation)
		if contact.ID == grace.ID || contact.Identity(inbox.IdentityEmail) != "" {
			t.Errorf("%d: the claim made the visitor %+v", i, contact)
		}
		suggested := w.call(t, w.agent, "GET", "/api/v1/contacts/"+contact.ID+"/merge-suggestions", nil).want(200)
		if !strings.Contains(string(suggested.body), grace.ID) {
			t.Errorf("%d: suggested is %s", i, suggested.body)
		}
	}
}

func TestAVouchedAddressJoinsItsContact(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	grace := w.known(t, inbox.EmailIdentity("grace@example.com"))
	proof := object{"email": "Grace@example.com", "hash": hash(secret, "Grace@example.com")}
	for i, speaksFirst := range []bool{false, true} {
		token := w.session(t)
		if speaksFirst {
			_, conversation := w.say(t, token, "0", "Hello")
			w.contactOf(t, conversation)
		}
		token, _ = w.identify(t, token, proof)
		_, conversation := w.say(t, token, "1", "It is me")
		if contact := w.contactOf(t, conversation); contact.ID != grace.ID {
			t.Errorf("%d: the visitor is %+v", i, contact)
		}
		if again, another := w.identify(t, token, proof); again != token || another {
			t.Errorf("%d: the same again got another token", i)
		}
	}
	// Who claimed something of somebody's own is not merged without being asked.
	token, _ := w.identify(t, w.session(t), object{"email": "eve@example.com"})
	token, _ = w.identify(t, token, proof)
	_, conversation := w.say(t, token, "1", "It is me")
	if contact := w.contactOf(t, conversation); contact.ID == grace.ID {
		t.Error("somebody with an address of his own was merged")
	}
}

func TestAUserIDIsTheWebsitesOwn(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	grace := w.known(t, inbox.EmailIdentity("grace@example.com"))
	token, _ := w.identify(t, w.session(t), object{"user_id": "42", "hash": hash(secret, "42"), "name": "Ada"})
	_, conversation := w.say(t, token, "1", "Hello")
	ada := w.contactOf(t, conversation)
	if ada.Identity(inbox.IdentityUser) != w.channel.ID+":42" || ada.Name != "Ada" {
		t.Errorf("the user is %+v", ada)
	}
	w.call(t, w.agent, "GET", "/api/v1/contacts/"+ada.ID, nil).want(200)
	// On another device she is the same; the address beside the id is a claim.
	token, _ = w.identify(t, w.session(t), object{"user_id": "42", "hash": hash(secret, "42"), "email": "grace@example.com"})
	_, other := w.say(t, token, "1", "Hello again")
	if contact := w.contactOf(t, other); other == conversation || contact.ID != ada.ID || contact.ID == grace.ID {
		t.Errorf("on another device: %+v in %s", contact, other)
	}
	w.visit(t, token, "POST", "identify", object{"user_id": "42"}).wantProblem(422, "invalid", "hash")
	w.visit(t, token, "POST", "identify", object{"name": "Ada"}).wantProblem(422, "invalid", "email")
}

func TestAWrongHashIsRefused(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	token := w.session(t)
	for name, wrong := range map[string]string{
		"another address's": hash(secret, "eve@example.com"), "another secret's": hash(secret+"x", "ada@example.com"),
		"no hex": "x", "half": hash(secret, "ada@example.com")[:32],
	} {
		t.Run(name, func(t *testing.T) {
			w.visit(t, token, "POST", "identify", object{"email": "ada@example.com", "hash": wrong}).wantProblem(403, "identity_unverified", "")
		})
	}
	if _, err := w.store.ContactByIdentity(t.Context(), inbox.EmailIdentity("ada@example.com")); inbox.CodeOf(err) != inbox.CodeNotFound {
		t.Errorf("what was refused was noted: %v", err)
	}
	// Claims are taken, unless the chat wants to know.
	token, _ = w.identify(t, token, object{"email": "ada@example.com"})
	w.settings(t, `{"verify_identity":true}`)
	w.visit(t, token, "POST", "identify", object{"email": "ada@example.com"}).wantProblem(403, "identity_unverified", "")
	w.identify(t, token, object{"email": "ada@example.com", "hash": hash(secret, "ada@example.com")})
	if shown := w.widget(t, ""); shown["verify_identity"] != true {
		t.Errorf("the widget asks all the same: %v", shown)
	}
}

func TestAnIdentitySecretIsShownOnceAndReplacedInTwoSteps(t *testing.T) {
	t.Parallel()
	w, first := newVouchingWorld(t)
	path := "/api/v1/channels/" + w.channel.ID + "/identity-secrets"
	second := w.identitySecret(t).text("secret")
	w.call(t, w.admin, "POST", path, nil).wantProblem(409, "conflict", "")
	listed := w.call(t, w.admin, "GET", path, nil).want(200)
	if strings.Contains(string(listed.body), "secret\"") || len(listed.ids()) != 2 {
		t.Errorf("listed %s", listed.body)
	}
	for _, secret := range []string{first, second} {
		w.identify(t, w.session(t), object{"email": "ada@example.com", "hash": hash(secret, "ada@example.com")})
		for _, kept := range must(w.store.IdentitySecrets(t.Context(), w.channel.ID))(t) {
			if strings.Contains(string(kept.Sealed), secret) {
				t.Error("the secret is stored in the clear")
			}
		}
	}
	w.call(t, w.admin, "DELETE", path+"/"+listed.ids()[0], nil).want(204)
	w.call(t, w.admin, "DELETE", path+"/"+listed.ids()[0], nil).wantProblem(404, "not_found", "")
	token := w.session(t)
	w.visit(t, token, "POST", "identify", object{"email": "a@example.com", "hash": hash(first, "a@example.com")}).wantProblem(403, "identity_unverified", "")
	w.identify(t, token, object{"email": "a@example.com", "hash": hash(second, "a@example.com")})

	w.call(t, w.agent, "GET", path, nil).wantProblem(403, "forbidden", "")
	without := newWorld(t)
	without.call(t, without.admin, "POST", "/api/v1/channels/"+without.channel.ID+"/identity-secrets", nil).
		wantProblem(409, "provider_not_set_up", "")
}

// Two people share a computer, and each logs in at the website.
func TestSomebodyElseDoesNotReadTheThreadOfWhoWasHereBefore(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	as := func(email string) object { return object{"email": email, "hash": hash(secret, email)} }
	ada, _ := w.identify(t, w.session(t), as("ada@example.com"))
	_, hers := w.say(t, ada, "1", "My secret")
	bob, another := w.identify(t, ada, as("bob@example.com"))
	if bob == ada || !another {
		t.Fatal("Bob goes on as Ada")
	}
	if got := w.visit(t, bob, "GET", "messages", nil).want(200); len(got.ids()) != 0 {
		t.Errorf("Bob reads %s", got.body)
	}
	_, his := w.say(t, bob, "1", "Hello")
	if his == hers || w.contactOf(t, his).Identity(inbox.IdentityEmail) != "bob@example.com" {
		t.Errorf("Bob is %+v in %s", w.contactOf(t, his), his)
	}
	if again, another := w.identify(t, bob, as("bob@example.com")); again != bob || another {
		t.Error("Bob again got another token")
	}
}

// Whoever knew a token before cannot take over who is vouched for with it.
func TestOnlyTheSamePersonAsksAgainBeforeTheNextTokenIsUsed(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	old := w.session(t)
	w.say(t, old, "1", "Hello")
	proof := object{"email": "ada@example.com", "hash": hash(secret, "ada@example.com")}
	w.identify(t, old, proof)
	w.visit(t, old, "POST", "identify", object{"email": "eve@example.com"}).wantProblem(409, "conflict", "")
	w.visit(t, old, "POST", "identify", object{"email": "eve@example.com", "hash": hash(secret, "eve@example.com")}).wantProblem(409, "conflict", "")
	token, _ := w.identify(t, old, proof)
	w.visit(t, token, "GET", "messages", nil).want(200)
	w.visit(t, old, "POST", "identify", proof).wantProblem(401, "unauthorized", "")
}

func TestAFormKnowsAVisitorByTheTokenThatWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form(t)
	old := w.session(t)
	token, _ := w.identify(t, old, object{"email": "ada@example.com"})
	_, conversation := w.say(t, token, "1", "Hello")
	ada := w.contactOf(t, conversation)
	for name, tc := range map[string]struct {
		token string
		known bool
	}{"the token now": {token, true}, "the one before": {old, false}, "a stranger's": {w.session(t), false}} {
		got := w.call(t, person{}, "POST", submissions(form), object{
			"fields":        object{"email": store.NewID() + "@example.com", "subject": "Pumps", "message": "They rattle."},
			"visitor_token": tc.token,
		}).want(202)
		if contact := w.contactOf(t, got.text("conversation_id")); (contact.ID == ada.ID) != tc.known {
			t.Errorf("%s is %+v", name, contact)
		}
	}
}

func TestWhereOnlyTheWebsiteVouchesAFormMakesNoVisitorKnown(t *testing.T) {
	t.Parallel()
	w, secret := newVouchingWorld(t)
	w.settings(t, `{"verify_identity":true}`)
	form := w.form(t)
	submit := func(token string) inbox.Contact {
		t.Helper()
		got := w.call(t, person{}, "POST", submissions(form), object{
			"fields":        object{"email": store.NewID() + "@example.com", "subject": "Pumps", "message": "They rattle."},
			"visitor_token": token,
		}).want(202)
		return w.contactOf(t, got.text("conversation_id"))
	}
	// Whoever was not vouched for writes as the address, and stays unknown in the chat.
	token := w.session(t)
	submitter := submit(token)
	_, conversation := w.say(t, token, "1", "Hello")
	if visitor := w.contactOf(t, conversation); visitor.ID == submitter.ID || visitor.Identity(inbox.IdentityEmail) != "" {
		t.Errorf("the form made the visitor %+v", visitor)
	}
	if submitter.Identity(inbox.IdentityEmail) == "" {
		t.Errorf("the form is %+v's", submitter)
	}
	// Whoever was vouched for stays himself, and has no other address by it.
	token, _ = w.identify(t, w.session(t), object{"email": "ada@example.com", "hash": hash(secret, "ada@example.com")})
	_, conversation = w.say(t, token, "1", "Hello")
	ada := w.contactOf(t, conversation)
	if submitter := submit(token); submitter.ID != ada.ID || submitter.Identity(inbox.IdentityEmail) != "ada@example.com" {
		t.Errorf("the form is %+v's", submitter)
	}
}

func TestAnAddressInAFormDoesNotMakeABrowserItsContacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	grace := w.known(t, inbox.EmailIdentity("grace@example.com"))
	token := w.session(t)
	got := w.call(t, person{}, "POST", submissions(w.form(t)), object{
		"fields":        object{"email": "grace@example.com", "subject": "Pumps", "message": "They rattle."},
		"visitor_token": token,
	}).want(202)
	if contact := w.contactOf(t, got.text("conversation_id")); contact.ID != grace.ID {
		t.Errorf("the form is %+v's", contact)
	}
	_, conversation := w.say(t, token, "1", "It is me")
	if contact := w.contactOf(t, conversation); contact.ID == grace.ID {
		t.Error("the chat is the contact's")
	}
}
