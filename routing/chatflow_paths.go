package routing

import (
	"fmt"

	"switchboard/inbox"
)

// exits are the steps that a step can lead to, in order.
func (c *chatflowCheck) exits(i int) []int {
	s := c.flow.Steps[i]
	ids := []string{s.Next, s.Fallback}
	for _, answer := range s.Answers {
		ids = append(ids, answer.Next)
	}
	for _, one := range s.Cases {
		ids = append(ids, one.Next)
	}
	var exits []int
	for _, id := range ids {
		if at, ok := c.at[id]; ok {
			exits = append(exits, at)
		}
	}
	return exits
}

// paths refuses steps that are never reached, from which no end is, or that go in
// circles without the contact.
func (c *chatflowCheck) paths() error {
	reached := make([]bool, len(c.flow.Steps))
	c.reach(0, reached)
	for i := range c.flow.Steps {
		field := fmt.Sprintf("steps[%d]", i)
		switch {
		case !reached[i]:
			return inbox.Invalid(field, "No step leads to this one.")
		case c.circles(i):
			return inbox.Invalid(field, "The steps go in a circle without waiting for the contact.")
		case !c.ends(i):
			return inbox.Invalid(field, "From this step neither hand_over nor end is reached.")
		}
	}
	return nil
}

func (c *chatflowCheck) reach(i int, reached []bool) {
	if reached[i] {
		return
	}
	reached[i] = true
	for _, next := range c.exits(i) {
		c.reach(next, reached)
	}
}

// circles reports whether a step leads back to itself without waiting.
func (c *chatflowCheck) circles(from int) bool {
	seen := make([]bool, len(c.flow.Steps))
	var visit func(int) bool
	visit = func(i int) bool {
		if waitsForContact(c.flow.Steps[i]) {
			return false
		}
		for _, next := range c.exits(i) {
			if next == from {
				return true
			}
			if !seen[next] {
				seen[next] = true
				if visit(next) {
					return true
				}
			}
		}
		return false
	}
	return visit(from)
}

// ends reports whether a step can lead to the flow's end.
func (c *chatflowCheck) ends(from int) bool {
	reached := make([]bool, len(c.flow.Steps))
	c.reach(from, reached)
	for i, there := range reached {
		if kind := c.flow.Steps[i].Kind; there && (kind == inbox.StepHandOver || kind == inbox.StepEnd) {
			return true
		}
	}
	return false
}
