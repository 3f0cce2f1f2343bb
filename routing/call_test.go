package routing_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"switchboard/inbox"
	"switchboard/routing"
)

// calling is a question about a caller who waits, three seconds after he called.
func calling(changes ...func(*inbox.CallQuestion)) inbox.CallQuestion {
	q := inbox.CallQuestion{
		At: monday.Add(3 * time.Second), Status: inbox.StatusOpen,
		Call: inbox.Call{State: inbox.CallRouting, StartedAt: monday, ChangedAt: monday},
	}
	for _, change := range changes {
		change(&q)
	}
	return q
}

func assignedTo(agentID, phone string) func(*inbox.CallQuestion) {
	return func(q *inbox.CallQuestion) {
		q.Outcome, q.AssigneeID, q.Phone = inbox.OutcomeAgent, agentID, phone
	}
}

func rang(agentIDs ...string) func(*inbox.CallQuestion) {
	return func(q *inbox.CallQuestion) { q.Call.RungAgentIDs = agentIDs }
}

func cameTo(outcome inbox.Outcome, status inbox.Status) func(*inbox.CallQuestion) {
	return func(q *inbox.CallQuestion) { q.Outcome, q.Status = outcome, status }
}

func is(state inbox.CallState, agentID, phone string) func(*inbox.CallQuestion) {
	return func(q *inbox.CallQuestion) {
		q.Call.State, q.Call.AgentID, q.Call.RungAgentIDs, q.Phone = state, agentID, []string{agentID}, phone
	}
}

func after(waited time.Duration) func(*inbox.CallQuestion) {
	return func(q *inbox.CallQuestion) { q.At = monday.Add(waited) }
}

func closedNow(q *inbox.CallQuestion) { q.Hours = mondays("12:00-13:00") }

func TestWhatIsDoneWithACaller(t *testing.T) {
	t.Parallel()
	const number = "+4930123456"
	ring := func(agentID string) inbox.CallStep { return inbox.CallStep{Action: inbox.CallRing, AgentID: agentID} }
	voicemail := func(reason inbox.Reason) inbox.CallStep {
		return inbox.CallStep{Action: inbox.CallVoice, Reason: reason}
	}
	onCall := func(q *inbox.CallQuestion) { q.OnCall = true }
	pass := func(agentID string) inbox.CallStep {
		return inbox.CallStep{Action: inbox.CallPass, AgentID: agentID, Reason: inbox.ReasonNoPhone}
	}
	wait, hangUp := inbox.CallStep{Action: inbox.CallWait}, inbox.CallStep{Action: inbox.CallHangUp}
	six := rang("a", "b", "c", "d", "e", "f")
	for name, c := range map[string]struct {
		question inbox.CallQuestion
		want     inbox.CallStep
	}{
		"waits while nothing is decided":             {calling(), wait},
		"waits for 20 seconds":                       {calling(after(20*time.Second - 1)), wait},
		"comes to voicemail after 20 seconds":        {calling(after(20 * time.Second)), voicemail(inbox.ReasonUndecided)},
		"rings at the assignee's":                    {calling(assignedTo("ann", number)), ring("ann")},
		"rings however late the decision came":       {calling(assignedTo("ann", number), after(time.Minute)), ring("ann")},
		"never rings at an unverified number":        {calling(assignedTo("ann", "")), pass("ann")},
		"passes over who has another call":           {calling(assignedTo("ann", number), onCall), inbox.CallStep{Action: inbox.CallPass, AgentID: "ann", Reason: inbox.ReasonOnCall}},
		"does not ring at two who have other calls":  {calling(assignedTo("ben", number), rang("ann"), onCall), inbox.CallStep{Action: inbox.CallPass, AgentID: "ben", Reason: inbox.ReasonOnCall}},
		"goes on ringing whatever else there is":     {calling(is(inbox.CallRinging, "ann", number), onCall), ring("ann")},
		"waits for the next after a ring":            {calling(assignedTo("ann", number), rang("ann")), wait},
		"waits for the next after one without phone": {calling(assignedTo("ann", ""), rang("ann")), wait},
		"does not wait for ever after a ring":        {calling(assignedTo("ann", number), rang("ann"), after(20*time.Second)), voicemail(inbox.ReasonUndecided)},
		"rings at the next":                          {calling(assignedTo("ben", number), rang("ann")), ring("ben")},
		"does not go back to one who let it pass":    {calling(assignedTo("ann", number), func(q *inbox.CallQuestion) { q.PassedAgentIDs = []string{"ann"} }), wait},
		"rings at the sixth":                         {calling(assignedTo("f", number), rang("a", "b", "c", "d", "e")), ring("f")},
		"does not ring at a seventh":                 {calling(assignedTo("g", number), six), voicemail(inbox.ReasonUnanswered)},
		"comes to voicemail when nobody is eligible": {calling(cameTo(inbox.OutcomeWaiting, inbox.StatusWaiting)), voicemail(inbox.ReasonNobody)},
		"comes to voicemail when nobody is left":     {calling(cameTo(inbox.OutcomeWaiting, inbox.StatusWaiting), rang("ann")), voicemail(inbox.ReasonUnanswered)},
		"comes to voicemail when the rule is off":    {calling(cameTo(inbox.OutcomeTriage, inbox.StatusOpen)), voicemail(inbox.ReasonOff)},
		"comes to voicemail outside the hours":       {calling(assignedTo("ann", number), closedNow), voicemail(inbox.ReasonChannelClosed)},
		"is not cut off when the hours end":          {calling(assignedTo("ben", number), rang("ann"), closedNow), ring("ben")},
		"comes to voicemail when somebody closed":    {calling(assignedTo("ann", number), cameTo(inbox.OutcomeAgent, inbox.StatusClosed)), voicemail(inbox.ReasonNotRouted)},
		"goes on ringing":                            {calling(is(inbox.CallRinging, "ann", number), after(time.Hour)), ring("ann")},
		"stops ringing at a number that was taken":   {calling(is(inbox.CallRinging, "ann", "")), pass("ann")},
		"goes on recording":                          {calling(is(inbox.CallVoicemail, "ann", number), func(q *inbox.CallQuestion) { q.Call.Reason = inbox.ReasonUnanswered }), voicemail(inbox.ReasonUnanswered)},
		"is let go after a talk":                     {calling(is(inbox.CallAnswered, "ann", number)), hangUp},
		"is let go when all is over":                 {calling(is(inbox.CallEnded, "ann", number)), hangUp},
	} {
		if got := routing.NextCallStep(c.question); got != c.want {
			t.Errorf("a caller %s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestEveryCallComesToSomebodyOrVoicemail plays calls against agents, numbers and
// a workflow that do whatever they like.
func TestEveryCallComesToSomebodyOrVoicemail(t *testing.T) {
	t.Parallel()
	agents := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	rapid.Check(t, func(t *rapid.T) {
		verified := drawSome(t, agents, "verified")
		now := monday
		q := inbox.CallQuestion{
			Status: inbox.StatusOpen, Hours: drawMaybeHours(t, "hours"),
			Call: inbox.Call{State: inbox.CallRouting, StartedAt: now, ChangedAt: now},
		}
		var dialled []string
		for asked := 0; ; asked++ {
			// A caller asks every two seconds: 6 rings with 20 seconds before and after.
			if asked > 6*12+12 {
				t.Fatal("the caller is still waiting")
			}
			if rapid.Bool().Draw(t, "the workflow acts") {
				q.AssigneeID = drawMaybe(t, agents, "assignee")
				q.Outcome = rapid.SampledFrom([]inbox.Outcome{"", inbox.OutcomeAgent, inbox.OutcomeWaiting}).Draw(t, "outcome")
			}
			q.At, q.Phone, q.OnCall = now, "", rapid.Bool().Draw(t, "has another call")
			if slices.Contains(verified, q.AssigneeID) {
				q.Phone = "+49301" + q.AssigneeID
			}
			step := routing.NextCallStep(q)
			if again := routing.NextCallStep(q); again != step {
				t.Fatalf("first %+v, then %+v", step, again)
			}
			switch step.Action {
			case inbox.CallVoice:
				if step.Reason == "" {
					t.Fatal("nobody knows why")
				}
				return
			case inbox.CallRing:
				if q.OnCall || !slices.Contains(verified, step.AgentID) || slices.Contains(dialled, step.AgentID) {
					t.Fatalf("%s rings, verified are %v and rang have %v", step.AgentID, verified, dialled)
				}
				dialled = append(dialled, step.AgentID)
				now = now.Add(20 * time.Second)
				if rapid.Bool().Draw(t, "answers") {
					return
				}
			}
			if step.Action == inbox.CallRing || step.Action == inbox.CallPass {
				q.Call.RungAgentIDs = append(q.Call.RungAgentIDs, step.AgentID)
				q.Call.AgentID, q.Call.ChangedAt = step.AgentID, now
			}
			now = now.Add(2 * time.Second)
		}
	})
}

func TestWhatAConversationFollowsOfItsCall(t *testing.T) {
	t.Parallel()
	call := func(state inbox.CallState, reason inbox.Reason) inbox.Call {
		return inbox.Call{State: state, Reason: reason, AgentID: "ben", RungAgentIDs: []string{"ann", "ben"}}
	}
	for name, c := range map[string]struct {
		call            inbox.Call
		assignee, owner string
		unanswered      bool
		tell            string
	}{
		"the assignee let it pass":                    {call(inbox.CallRouting, ""), "ben", "", true, ""},
		"the next has it already":                     {call(inbox.CallRouting, ""), "cy", "", false, ""},
		"nobody has it any more":                      {call(inbox.CallRouting, ""), "", "", false, ""},
		"a phone rings":                               {call(inbox.CallRinging, ""), "ben", "ann", false, ""},
		"it was answered":                             {call(inbox.CallEnded, ""), "ben", "ann", false, ""},
		"it was missed":                               {call(inbox.CallVoicemail, inbox.ReasonUnanswered), "", "", false, "ben"},
		"it was missed, and the contact has an owner": {call(inbox.CallVoicemail, inbox.ReasonUnanswered), "", "ann", false, "ann"},
		"the caller hung up at once":                  {inbox.Call{State: inbox.CallEnded, Reason: inbox.ReasonHungUp}, "ann", "", false, "ann"},
		"nobody was there":                            {inbox.Call{State: inbox.CallVoicemail, Reason: inbox.ReasonNobody}, "", "", false, ""},
	} {
		news := routing.FollowCall(c.call, c.assignee, c.owner)
		if news.Unanswered != c.unanswered || !slices.Equal(news.Tell, slices.DeleteFunc([]string{c.tell}, func(id string) bool { return id == "" })) {
			t.Errorf("%s: %+v", name, news)
		}
	}
}
