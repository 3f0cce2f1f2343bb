package main

import (
	"fmt"

	"switchboard/inbox"
)

// commands write to each channel, then look and answer. Those of Twilio are for a
// shell with arrays, bash or zsh; the others for any.
func (i info) commands() []string {
	var commands []string
	add := func(format string, values ...any) { commands = append(commands, fmt.Sprintf(format, values...)) }
	signs := false
	for _, channel := range i.Channels {
		if channel.Number != "" && !signs {
			signs = true
			add(signedByTwilio, i.APIURL, i.Twilio.PublicURL, i.Twilio.AuthToken)
		}
		switch {
		case channel.Kind == inbox.KindForm:
			add(submission, i.APIURL, channel.ID)
		case channel.HostedAddress != "":
			add(letter, i.SMTPAddress, channel.HostedAddress)
		case channel.PageID != "":
			add(signedByFacebook, i.APIURL, channel.PageID, i.Messenger.AppSecret)
		case channel.Kind == inbox.KindWhatsApp:
			add(whatsAppMessage, i.Twilio.AccountSID, channel.Number)
		case channel.Kind == inbox.KindCall:
			add(telephoneCall, i.Twilio.AccountSID, channel.Number)
			add(callsEnd, i.Twilio.AccountSID, channel.Number)
		}
	}
	if len(commands) == 0 {
		return nil
	}
	auth := "-H 'Authorization: Bearer " + i.Agents[0].Token + "'"
	add(`curl -s %s/api/v1/conversations %s`, i.APIURL, auth)
	add(answer, i.APIURL, auth, i.MailURL, i.OutboxURL)
	return commands
}

const submission = `curl -s %s/forms/%s/submissions -H 'Content-Type: application/json' \
  -d '{"fields":{"name":"Grace","email":"grace@example.com","subject":"Broken lamp","message":"It flickers."}}'`

const letter = `swaks --server %s --from grace@example.com --to %s \
  --header 'Subject: Broken lamp' --body 'It flickers.'`

// The signature is of the body's bytes
// (developers.facebook.com/docs/messenger-platform/webhooks#validate-payloads).
const signedByFacebook = `BODY='{"object":"page","entry":[{"id":"%[2]s","time":1,"messaging":[{"sender":{"id":"7001"},"recipient":{"id":"%[2]s"},'
BODY=$BODY'"timestamp":'$(date +%%s000)',"message":{"mid":"m_'$(openssl rand -hex 16)'","text":"Does the lamp flicker?"}}]}]}'
curl -s -w 'HTTP %%{http_code}\n' %[1]s/webhooks/messenger -H 'Content-Type: application/json' -d "$BODY" \
  -H "X-Hub-Signature-256: sha256=$(printf %%s "$BODY" | openssl dgst -sha256 -hmac %[3]s -r | cut -c1-64)"`

// The signature is of the address and the sorted fields
// (twilio.com/docs/usage/webhooks/webhooks-security).
const signedByTwilio = `twilio() { local to=$1 form=() field; shift; for field; do form+=(--data-urlencode "$field"); done
  curl -s "%[1]s$to" "${form[@]}" -H "X-Twilio-Signature: $( (printf %%s "%[2]s$to"; printf '%%s\n' "$@" | LC_ALL=C sort | sed 's/=//' | tr -d '\n') | openssl dgst -sha1 -hmac %[3]s -binary | base64)"; }`

const whatsAppMessage = `twilio /webhooks/twilio/messages AccountSid=%s MessageSid=SM$(openssl rand -hex 16) NumMedia=0 \
  From=whatsapp:+12025550123 WaId=12025550123 ProfileName=Grace To=whatsapp:%s Body='Is my lamp ready?'`

// Once greeted, Twilio asks how to go on: the phone that the call is put through to.
const telephoneCall = `CALL=CA$(openssl rand -hex 16)
twilio /webhooks/twilio/voice AccountSid=%[1]s CallSid=$CALL CallStatus=ringing From=+12025550123 To=%[2]s Direction=inbound
sleep 2; twilio '/webhooks/twilio/voice?step=next' AccountSid=%[1]s CallSid=$CALL CallStatus=in-progress From=+12025550123 To=%[2]s`

// The agent, whose call is another one, picks up and presses 1; both talk; the caller
// hangs up.
const callsEnd = `twilio '/webhooks/twilio/voice?step=take&attempt=1' AccountSid=%[1]s CallSid=CA$(openssl rand -hex 16) ParentCallSid=$CALL CallStatus=in-progress Digits=1
sleep 5; twilio '/webhooks/twilio/voice?step=dialled&attempt=1&confirm=key' AccountSid=%[1]s CallSid=$CALL CallStatus=in-progress DialCallStatus=completed DialCallDuration=5
twilio /webhooks/twilio/voice AccountSid=%[1]s CallSid=$CALL CallStatus=completed CallDuration=9 From=+12025550123 To=%[2]s`

const answer = `curl -s %s/api/v1/conversations/CONVERSATION_ID/replies %s \
  -H 'Content-Type: application/json' -d '{"text":"We send a new one."}'   # then look at %s or %s`
