package outbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// twilioVersion is the version of Twilio's API for messages and calls.
const twilioVersion = "/2010-04-01"

// Twilio is our account there.
type Twilio struct {
	AuthToken string
}

// standForTwilio answers what Twilio's documentation answers
// (twilio.com/docs/messaging/api, twilio.com/docs/voice/api).
func (o *Outbox) standForTwilio(mux *http.ServeMux) {
	handle := func(pattern string, answer func(*http.Request, Request) reply) {
		mux.HandleFunc(pattern, o.stand(ProviderTwilio, answer))
	}
	account := twilioVersion + "/Accounts/{account}"
	handle("POST "+account+"/Messages.json", o.twilioSend)
	handle("GET "+account+"/Messages.json", func(r *http.Request, _ Request) reply {
		return ok(map[string]any{"messages": o.twilioSent(r.URL.Query()), "page": 0, "page_size": 50, "next_page_uri": nil})
	})
	handle("GET "+account+"/Messages/{file}", o.twilioMessage)
	handle("POST "+account+"/Calls.json", twilioCall)
	handle("POST "+account+"/Calls/{file}", twilioCall)
	mux.HandleFunc("GET /v1/ContentAndApprovals", templates)
	mux.HandleFunc("GET "+account+"/Messages/{message}/Media/{media}", picture)
	mux.HandleFunc("GET "+account+"/Recordings/{file}", silence)
	handle("/", func(*http.Request, Request) reply { return notAtTwilio() })
}

func notAtTwilio() reply {
	return reply{status: http.StatusNotFound, body: map[string]any{
		"code": 20404, "message": "The requested resource was not found", "status": http.StatusNotFound,
	}}
}

// twilioSend accepts a message, and then tells its way to the phone.
func (o *Outbox) twilioSend(r *http.Request, request Request) reply {
	account := r.PathValue("account")
	sid := newSID("SM")
	now := time.Now().UTC().Format(time.RFC1123Z)
	media := request.list("MediaUrl")
	message := map[string]any{
		"account_sid": account, "api_version": twilioVersion[1:], "body": request.text("Body"), "direction": "outbound-api",
		"date_created": now, "date_sent": nil, "date_updated": now, "error_code": nil, "error_message": nil,
		"from": request.text("From"), "messaging_service_sid": nil, "num_media": strconv.Itoa(len(media)), "num_segments": "1",
		"price": nil, "price_unit": nil, "sid": sid, "status": "queued", "to": request.text("To"),
		"uri": twilioVersion + "/Accounts/" + account + "/Messages/" + sid + ".json",
	}
	answer := reply{status: http.StatusCreated, body: message}
	address := request.text("StatusCallback")
	if address == "" {
		return answer
	}
	tell := func(status string, more url.Values) {
		form := url.Values{
			"AccountSid": {account}, "ApiVersion": {twilioVersion[1:]}, "From": {request.text("From")}, "To": {request.text("To")},
			"MessageSid": {sid}, "SmsSid": {sid}, "MessageStatus": {status}, "SmsStatus": {status},
		}
		maps.Copy(form, more)
		answer.after = append(answer.after, o.twilioTells(address, form))
	}
	for _, file := range media {
		if err := o.fetchMedia(r.Context(), file); err != nil {
			tell("failed", url.Values{"ErrorCode": {"63019"}})
			return answer
		}
	}
	tell("sent", nil)
	tell("delivered", nil)
	return answer
}

// twilioMessage is a message that was sent, looked up.
func (o *Outbox) twilioMessage(r *http.Request, _ Request) reply {
	sid, _ := strings.CutSuffix(r.PathValue("file"), ".json")
	for _, message := range o.twilioSent(nil) {
		if message["sid"] == sid {
			return ok(message)
		}
	}
	return notAtTwilio()
}

// twilioSent lists the messages that were sent, the newest first, as Twilio does.
// The filter may name a number on either side.
func (o *Outbox) twilioSent(filter url.Values) []map[string]any {
	sent := []map[string]any{}
	for _, request := range slices.Backward(o.requests.Entries()) {
		message, created := request.Answer.Body.(map[string]any)
		if request.Provider != ProviderTwilio || request.Answer.Status != http.StatusCreated || !created || message["body"] == nil {
			continue
		}
		if to := filter.Get("To"); to != "" && to != message["to"] {
			continue
		}
		if from := filter.Get("From"); from != "" && from != message["from"] {
			continue
		}
		delivered := maps.Clone(message)
		delivered["status"], delivered["date_sent"] = "delivered", message["date_created"]
		sent = append(sent, delivered)
	}
	return sent
}

// twilioTells is a signed webhook. It is signed for the address we gave, and sent
// to where we listen: nobody can reach a laptop from outside.
func (o *Outbox) twilioTells(address string, form url.Values) callback {
	address, _, _ = strings.Cut(address, "#") // says how often to repeat, and to Twilio alone
	return func() (*http.Request, error) {
		signed := address
		for _, name := range slices.Sorted(maps.Keys(form)) {
			signed += name + form.Get(name)
		}
		mac := hmac.New(sha1.New, []byte(o.options.Twilio.AuthToken))
		mac.Write([]byte(signed))
		return o.post(o.reachable(address), "application/x-www-form-urlencoded", []byte(form.Encode()),
			"X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
}

// reachable is where an address that we gave out is served.
func (o *Outbox) reachable(address string) string {
	if path, ours := strings.CutPrefix(address, o.options.PublicURL); ours {
		return o.options.APIURL + path
	}
	return address
}

// newSID is a new id of Twilio's shape: two letters and 32 hexadecimal digits.
func newSID(kind string) string {
	id := make([]byte, 16)
	rand.Read(id) // it never fails, says its documentation
	return kind + hex.EncodeToString(id)
}
