package routing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"switchboard/inbox"
)

// Limits of a chatflow. Those of texts and buttons are Messenger's, from its
// documentation of the Send API and of quick replies; a chat shows longer titles.
const (
	MaximumSteps          = 100
	maximumChatText       = 1999
	maximumChatAnswers    = 13
	maximumMessengerTitle = 20
	maximumChatTitle      = 80
	// maximumGreeting is Messenger's for the greeting of a page's profile.
	maximumGreeting = 160
	maximumRetries  = 5
	// Payloads of buttons, "step:answer", stay short.
	maximumStepID   = 40
	minimumPatience = 10 * time.Second
	maximumPatience = 24 * time.Hour
)

var chatStepID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// CheckChatflow refuses a chatflow that a channel of the kind cannot run: with
// steps that lead nowhere, are never reached, or go in circles without the
// contact. The error is *inbox.Error and names the field.
func CheckChatflow(flow inbox.Chatflow, kind inbox.ChannelKind) error {
	c := chatflowCheck{flow: flow, kind: kind, at: make(map[string]int)}
	if err := c.head(); err != nil {
		return err
	}
	for i, step := range flow.Steps {
		if err := c.step(fmt.Sprintf("steps[%d]", i), step); err != nil {
			return err
		}
	}
	return c.paths()
}

type chatflowCheck struct {
	flow inbox.Chatflow
	kind inbox.ChannelKind
	// at is the place of each step.
	at map[string]int
}

// HasChatflows reports whether a channel of the kind can have chatflows.
func HasChatflows(kind inbox.ChannelKind) bool {
	return kind == inbox.KindChat || kind == inbox.KindMessenger
}

func (c *chatflowCheck) head() error {
	switch flow := c.flow; {
	case !HasChatflows(c.kind):
		return inbox.Invalid("channel_id", "A channel of this kind has no chatflows.")
	case strings.TrimSpace(flow.Name) == "" || utf8.RuneCountInString(flow.Name) > 100:
		return inbox.Invalid("name", "The name has to have 1 to 100 characters.")
	case utf8.RuneCountInString(flow.Greeting) > maximumGreeting:
		return inbox.Invalid("greeting", "The greeting can have %d characters at most.", maximumGreeting)
	case flow.Patience < minimumPatience || flow.Patience > maximumPatience:
		return inbox.Invalid("patience", "The contact has to be given 10 seconds to 24 hours.")
	case len(flow.Steps) == 0 || len(flow.Steps) > MaximumSteps:
		return inbox.Invalid("steps", "A chatflow has to have 1 to %d steps.", MaximumSteps)
	}
	for i, step := range c.flow.Steps {
		field := fmt.Sprintf("steps[%d].id", i)
		if len(step.ID) > maximumStepID || !chatStepID.MatchString(step.ID) {
			return inbox.Invalid(field, "An id has 1 to %d small letters, digits, - and _.", maximumStepID)
		}
		if _, taken := c.at[step.ID]; taken {
			return inbox.Invalid(field, "Another step has this id.")
		}
		c.at[step.ID] = i
	}
	return nil
}

func (c *chatflowCheck) step(field string, s inbox.ChatStep) error {
	if err := c.unused(field, s); err != nil {
		return err
	}
	for _, text := range []struct{ field, text string }{{"text", s.Text}, {"retry_text", s.RetryText}} {
		if utf8.RuneCountInString(text.text) > maximumChatText {
			return inbox.Invalid(field+"."+text.field, "A text can have %d characters at most.", maximumChatText)
		}
	}
	switch s.Kind {
	case inbox.StepSay:
		return firstError(c.text(field, s), c.leads(field+".next", s.Next))
	case inbox.StepChoose:
		return firstError(c.text(field, s), c.retries(field, s), c.answers(field, s))
	case inbox.StepAsk:
		return firstError(c.text(field, s), c.retries(field, s), c.collect(field, s), c.leads(field+".next", s.Next))
	case inbox.StepBranch:
		return c.branch(field, s)
	case inbox.StepHandOver, inbox.StepEnd:
		return nil
	default:
		return inbox.Invalid(field+".kind", "There is no such kind of step.")
	}
}

// unused refuses what a step of the kind does not look at: it would be meant to
// do something.
func (c *chatflowCheck) unused(field string, s inbox.ChatStep) error {
	is := func(kinds ...inbox.ChatStepKind) bool { return slices.Contains(kinds, s.Kind) }
	for _, part := range []struct {
		name      string
		set, used bool
	}{
		{"text", s.Text != "", !is(inbox.StepBranch)},
		{"next", s.Next != "", is(inbox.StepSay, inbox.StepAsk, inbox.StepBranch)},
		{"answers", len(s.Answers) > 0, is(inbox.StepChoose)},
		{"collect", s.Collect != "", is(inbox.StepAsk)},
		{"field", s.Field != "", s.Collect == inbox.CollectCustom},
		{"retries", s.Retries != 0, is(inbox.StepChoose, inbox.StepAsk)},
		{"retry_text", s.RetryText != "", is(inbox.StepChoose, inbox.StepAsk)},
		{"fallback", s.Fallback != "", is(inbox.StepChoose, inbox.StepAsk)},
		{"of", s.Of != "", is(inbox.StepBranch)},
		{"cases", len(s.Cases) > 0, is(inbox.StepBranch)},
	} {
		if part.set && !part.used {
			return inbox.Invalid(field+"."+part.name, "A step of this kind has no %s.", part.name)
		}
	}
	return nil
}

func (c *chatflowCheck) text(field string, s inbox.ChatStep) error {
	if strings.TrimSpace(s.Text) == "" {
		return inbox.Invalid(field+".text", "The step has to say something.")
	}
	return nil
}

func (c *chatflowCheck) leads(field, id string) error {
	if id == "" {
		return inbox.Invalid(field, "It has to be said which step follows.")
	}
	if _, ok := c.at[id]; !ok {
		return inbox.Invalid(field, "There is no such step.")
	}
	return nil
}

func (c *chatflowCheck) retries(field string, s inbox.ChatStep) error {
	if s.Retries < 0 || s.Retries > maximumRetries {
		return inbox.Invalid(field+".retries", "It can be asked again 0 to %d times.", maximumRetries)
	}
	if s.Fallback == "" {
		return nil
	}
	return c.leads(field+".fallback", s.Fallback)
}

func (c *chatflowCheck) answers(field string, s inbox.ChatStep) error {
	if len(s.Answers) == 0 || len(s.Answers) > maximumChatAnswers {
		return inbox.Invalid(field+".answers", "There have to be 1 to %d answers.", maximumChatAnswers)
	}
	longest := maximumChatTitle
	if c.kind == inbox.KindMessenger {
		longest = maximumMessengerTitle
	}
	for i, answer := range s.Answers {
		field := fmt.Sprintf("%s.answers[%d]", field, i)
		earlier := s.Answers[:i]
		switch title := strings.TrimSpace(answer.Title); {
		case len(answer.ID) > maximumStepID || !chatStepID.MatchString(answer.ID):
			return inbox.Invalid(field+".id", "An id has 1 to %d small letters, digits, - and _.", maximumStepID)
		case slices.ContainsFunc(earlier, func(a inbox.ChatAnswer) bool { return a.ID == answer.ID }):
			return inbox.Invalid(field+".id", "Another answer has this id.")
		case title == "" || utf8.RuneCountInString(title) > longest:
			return inbox.Invalid(field+".title", "A title has to have 1 to %d characters.", longest)
		case slices.ContainsFunc(earlier, func(a inbox.ChatAnswer) bool { return strings.EqualFold(strings.TrimSpace(a.Title), title) }):
			return inbox.Invalid(field+".title", "Another answer has this title.")
		}
		if err := c.leads(field+".next", answer.Next); err != nil {
			return err
		}
	}
	return nil
}

func (c *chatflowCheck) collect(field string, s inbox.ChatStep) error {
	switch s.Collect {
	case inbox.CollectName, inbox.CollectEmail, inbox.CollectPhone:
		return nil
	case inbox.CollectCustom:
		if len(s.Field) > maximumStepID || !chatStepID.MatchString(s.Field) {
			return inbox.Invalid(field+".field", "The field's name has 1 to %d small letters, digits, - and _.", maximumStepID)
		}
		return nil
	default:
		return inbox.Invalid(field+".collect", "What is asked for has to be name, email, phone or custom.")
	}
}

func (c *chatflowCheck) branch(field string, s inbox.ChatStep) error {
	at, ok := c.at[s.Of]
	if !ok || !waitsForContact(c.flow.Steps[at]) {
		return inbox.Invalid(field+".of", "It has to be a step that the contact answers.")
	}
	if len(s.Cases) == 0 {
		return inbox.Invalid(field+".cases", "There has to be at least one case.")
	}
	of := c.flow.Steps[at]
	for i, one := range s.Cases {
		field := fmt.Sprintf("%s.cases[%d]", field, i)
		known := of.Kind == inbox.StepAsk && strings.TrimSpace(one.Value) != "" ||
			slices.ContainsFunc(of.Answers, func(a inbox.ChatAnswer) bool { return a.ID == one.Value })
		if !known {
			return inbox.Invalid(field+".value", "The step it looks at has no such answer.")
		}
		if err := c.leads(field+".next", one.Next); err != nil {
			return err
		}
	}
	return c.leads(field+".next", s.Next)
}

func waitsForContact(s inbox.ChatStep) bool {
	return s.Kind == inbox.StepChoose || s.Kind == inbox.StepAsk
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
