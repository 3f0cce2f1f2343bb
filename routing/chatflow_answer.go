package routing

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"switchboard/inbox"
)

// maximumAnswer is how much of an answer is kept, in characters.
const maximumAnswer = 500

// chatAnswer reads a message as the answer to a step: its value, what follows,
// and whether it will do.
func chatAnswer(step inbox.ChatStep, text, payload string) (value, next string, fits bool) {
	if step.Kind == inbox.StepAsk {
		value, fits = collected(step.Collect, text)
		return value, step.Next, fits
	}
	for _, answer := range step.Answers {
		if payload == step.ID+":"+answer.ID {
			return answer.ID, answer.Next, true
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	for _, answer := range step.Answers {
		if strings.EqualFold(text, strings.Join(strings.Fields(answer.Title), " ")) {
			return answer.ID, answer.Next, true
		}
	}
	return "", "", false
}

// collected reads what a contact wrote as what he was asked for.
func collected(what inbox.ChatCollect, text string) (value string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > maximumAnswer {
		return "", false
	}
	switch what {
	case inbox.CollectName:
		name := strings.Join(strings.Fields(text), " ")
		return name, utf8.RuneCountInString(name) <= 100 && strings.ContainsFunc(name, unicode.IsLetter) && !strings.Contains(name, "@")
	case inbox.CollectEmail:
		return text, len(text) <= 254 && mailPattern.MatchString(text)
	case inbox.CollectPhone:
		return phoneNumber(text)
	default:
		return text, true
	}
}

// SenderOfAnswer returns what an answer says about its contact, who is known by
// an identity he has already; false is nothing.
func SenderOfAnswer(contact inbox.Contact, answer inbox.ChatflowAnswer) (inbox.Sender, bool) {
	if len(contact.Identities) == 0 {
		return inbox.Sender{}, false
	}
	sender := inbox.Sender{Identities: []inbox.Identity{contact.Identities[0]}}
	switch answer.Collect {
	case inbox.CollectName:
		sender.Name = answer.Value
	case inbox.CollectEmail:
		sender.Identities = append(sender.Identities, inbox.EmailIdentity(answer.Value))
	case inbox.CollectPhone:
		// A number without its country is nobody's in particular.
		if !strings.HasPrefix(answer.Value, "+") {
			return inbox.Sender{}, false
		}
		sender.Identities = append(sender.Identities, inbox.Identity{Kind: inbox.IdentityPhone, Value: answer.Value})
	default:
		return inbox.Sender{}, false
	}
	return sender, true
}

// mailPattern is what browsers take as an e-mail address (HTML, 4.10.5.1.5), with a
// dot in the domain.
var mailPattern = regexp.MustCompile("^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@" +
	`[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$`)

// phoneNumber reads 7 to 15 digits (E.164) between the signs people write; an
// international one begins with "+".
func phoneNumber(text string) (string, bool) {
	number := strings.NewReplacer(" ", "", "-", "", "/", "", ".", "", "(", "", ")", "", "\u00a0", "").Replace(text)
	if international, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + international
	}
	digits := strings.TrimPrefix(number, "+")
	if len(digits) < 7 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return number, true
}
