package routing

import (
	"net/mail"
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
		return mailAddress(text)
	case inbox.CollectPhone:
		return phoneNumber(text)
	default:
		return text, true
	}
}

// mailAddress reads a bare address with a domain that has a dot.
func mailAddress(text string) (string, bool) {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Name != "" || len(address.Address) > 254 {
		return "", false
	}
	_, domain, _ := strings.Cut(address.Address, "@")
	if !strings.Contains(strings.Trim(domain, "."), ".") {
		return "", false
	}
	return address.Address, true
}

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
