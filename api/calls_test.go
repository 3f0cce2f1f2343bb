package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/call"
	"switchboard/channels/twilio"
	"switchboard/channels/twilio/twiliotest"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/routing"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/test/standins/fakevoice"
	"switchboard/workflows"
)

const (
	callToken  = "secret"
	callNumber = "+14155550100"
	voiceURL   = "https://desk.example.com/webhooks/twilio/voice"
)

// callFlow is a workflow side for calls: it does what workflows would do,
// as soon as it is not paused.
type callFlow struct {
	t     *testing.T
	store *store.Store

	// away is a Temporal that cannot be told, missed that it was not told of a call.
	away, missed atomic.Bool
	// answers is what telling of a new call waits for; nil is nothing.
	answers chan struct{}

	mu      sync.Mutex
	paused  bool
	over    bool
	waiting []func()
	asked   int
	told    []string
	// done has one for each thing that was done, put one for each that began to wait.
	done, put chan struct{}
}

func (f *callFlow) do(step func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return nil
	}
	if f.paused {
		f.waiting = append(f.waiting, step)
		f.put <- struct{}{}
		return nil
	}
	step()
	f.done <- struct{}{}
	return nil
}

// end does nothing any more: of a webhook that came three times a workflow may hear
// three times, the last time when nobody waits for it.
func (f *callFlow) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
}

// resume does what waited, in order.
func (f *callFlow) resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = false
	for _, step := range f.waiting {
		step()
		f.done <- struct{}{}
	}
	f.waiting = nil
}

func (f *callFlow) assign(ref inbox.EpisodeRef, cause inbox.AssignmentCause) {
	f.asked++
	_, err := f.store.Assign(context.Background(), store.AssignRequest{
		Ref: ref, Key: string(rune('a' + f.asked)), Cause: cause, At: time.Now().UTC(),
	}, routing.Assign)
	if err != nil {
		f.t.Error(err)
	}
}

func (f *callFlow) Transcript(context.Context, string) error { return nil }

func (f *callFlow) Open(_ context.Context, in workflows.ConversationInput) error {
	if f.answers != nil {
		select {
		case <-f.answers: // however late
		case <-f.t.Context().Done():
			return f.t.Context().Err()
		}
	}
	if f.away.Load() {
		f.missed.Store(true)
		return errors.New("Temporal is away")
	}
	return f.do(func() {
		if _, err := f.store.ResolveContact(context.Background(), in.Ref); err != nil {
			f.t.Error(err)
		}
		f.assign(in.Ref, inbox.CauseNew)
	})
}

func (f *callFlow) Call(_ context.Context, ref inbox.EpisodeRef, callID string) error {
	return f.do(func() {
		news, err := f.store.TakeCall(context.Background(), ref, callID, routing.FollowCall)
		if err != nil {
			f.t.Error(err)
		}
		f.told = append(f.told, news.Tell...)
		if news.Unanswered {
			f.assign(ref, inbox.CauseUnanswered)
		}
	})
}

func (f *callFlow) Message(ctx context.Context, in workflows.ConversationInput) error {
	if f.away.Load() || !f.missed.CompareAndSwap(true, false) {
		return nil
	}
	return f.Open(ctx, in)
}

func (*callFlow) Nudge(context.Context, inbox.EpisodeRef) error         { return nil }
func (*callFlow) Window(context.Context, inbox.EpisodeRef) error        { return nil }
func (*callFlow) TakeUp(context.Context, inbox.EpisodeRef) error        { return nil }
func (*callFlow) Reply(context.Context, inbox.EpisodeRef, string) error { return nil }

// callDesk is a world with a call channel and agents whose phones are +1…01, 02.
type callDesk struct {
	*world
	flow   *callFlow
	calls  inbox.Channel
	agents []person
	line   *fakevoice.Line
}

func newCallDesk(t *testing.T, s *store.Store, edit func(*inbox.Channel), options ...func(*api.Options)) *callDesk {
	t.Helper()
	d := &callDesk{flow: &callFlow{t: t, store: s, done: make(chan struct{}, 100), put: make(chan struct{}, 100)}}
	began := time.Now() // nobody waits too long, however slow the test is
	d.world = newWorldOn(t, s, append(options, func(o *api.Options) {
		o.Twilio = twilio.NewSignatures(o.PublicURL, callToken)
		calls := intake.New(o.Store, d.flow, slog.New(slog.DiscardHandler)).Calls(voiceURL, func() time.Time { return began })
		o.Calls, o.Reprocess = calls, map[string]api.Reprocess{intake.QuarantinedCall: calls.Reprocess}
		o.Kinds = append(o.Kinds, &call.Channel{})
	})...)
	t.Cleanup(d.flow.end)
	for _, name := range []string{"Ann", "Ben"} {
		agent := d.person(t, inbox.Agent{Name: name, Seat: true})
		check(t, d.store.SetAvailability(t.Context(), agent.ID, inbox.Available))
		check(t, d.store.SetPhone(t.Context(), agent.ID, d.phone(len(d.agents))))
		d.agents = append(d.agents, agent)
	}
	channel := inbox.Channel{
		InboxID: d.inbox.ID, Kind: inbox.KindCall, Name: "Hotline", Enabled: true, State: inbox.ChannelConnected, Account: callNumber,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		Settings: must((&call.Channel{}).CheckSettings(json.RawMessage(`{"number":"` + callNumber + `","ring_seconds":15}`)))(t),
	}
	channel.Assignment.Mode = inbox.AssignSpecific
	channel.Assignment.AgentIDs = []string{d.agents[0].ID, d.agents[1].ID}
	if edit != nil {
		edit(&channel)
	}
	d.calls = must(d.store.CreateChannel(t.Context(), channel))(t)
	d.line = d.newLine("CA1")
	return d
}

// newLine is another caller's, who waits until the workflow side has done
// something.
func (d *callDesk) newLine(callID string) *fakevoice.Line {
	return &fakevoice.Line{
		Server: d.url, Token: callToken, VoiceURL: voiceURL, CallSID: callID, From: "+4930901820", To: callNumber,
		Phones: map[string]string{}, Paused: func() { <-d.flow.done },
	}
}

// onBoth makes a call on each database, where every webhook comes once and where
// it comes three times.
func onBoth(t *testing.T, edit func(*inbox.Channel), play func(*testing.T, *callDesk)) {
	t.Helper()
	for _, times := range []int{1, 3} {
		storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
			d := newCallDesk(t, s, edit)
			d.line.Times = times
			play(t, d)
		})
	}
}

func (*callDesk) phone(i int) string { return []string{"+14155550101", "+14155550102"}[i] }

// plays makes the call and returns the kinds of its events, in order, without
// those of the routing.
func (d *callDesk) plays(t *testing.T) []string {
	t.Helper()
	check(t, d.line.Call(t.Context()))
	d.settle(t)
	return d.kinds(t)
}

func (d *callDesk) kinds(t *testing.T) []string {
	t.Helper()
	var kinds []string
	for _, event := range d.timeline(t) {
		if strings.HasPrefix(string(event.Kind), "call_") || event.Kind == inbox.EventVoicemailLeft {
			kinds = append(kinds, strings.TrimPrefix(string(event.Kind), "call_"))
			if text := string(event.Data); strings.Contains(text, "+1415") || strings.Contains(text, "+4930") {
				t.Errorf("a number is in the timeline: %s", text)
			}
		}
	}
	return kinds
}

// settle returns when the workflow side knows everything.
func (d *callDesk) settle(t *testing.T) {
	t.Helper()
	for len(must(d.store.CallNewsDue(t.Context(), time.Now().Add(time.Hour), 10))(t)) > 0 {
		<-d.flow.done
	}
}

func (d *callDesk) timeline(t *testing.T) []inbox.Event {
	t.Helper()
	events, _, err := d.store.Timeline(t.Context(), d.conversationID(t), store.Page{Limit: 100})
	check(t, err)
	return events
}

func (d *callDesk) conversationID(t *testing.T) string {
	t.Helper()
	return must(d.store.Call(t.Context(), d.line.CallSID))(t).ConversationID
}

func (d *callDesk) wants(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the timeline says %v, want %v", got, want)
	}
}

func TestACallComesToAnAgentWhoAnswers(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, d *callDesk) {
		d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "completed", "completed"
		d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
		if len(d.line.Dialled) != 1 {
			t.Errorf("%v rang", d.line.Dialled)
		}
		running := must(d.store.Call(t.Context(), "CA1"))(t)
		conversation := must(d.store.Conversation(t.Context(), running.ConversationID))(t)
		if running.State != inbox.CallEnded || running.Reason != "" || conversation.AssigneeID != running.AgentID {
			t.Errorf("the call is %+v, the assignee %s", running, conversation.AssigneeID)
		}
	})
}

func TestAnAgentHearsWhoCallsBeforeTakingTheCall(t *testing.T) {
	t.Parallel()
	for from, announced := range map[string]string{
		"+4930901820": "You have a call from 4 9 3 0 9 0 1 8 2 0. To take it, press 1.",
		"anonymous":   "You have a call from a hidden number. To take it, press 1.",
		"+266696687":  "You have a call from a hidden number. To take it, press 1.",
	} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			d := newCallDesk(t, storetest.SQLite(t), nil)
			d.line.From = from
			d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "completed", "completed"
			callerID := ""
			d.line.HangUp = func(document string) bool {
				if _, after, dials := strings.Cut(document, `callerId="`); dials {
					callerID, _, _ = strings.Cut(after, `"`)
				}
				return false
			}
			d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
			if !slices.Equal(d.line.Announced, []string{announced}) {
				t.Errorf("announced were %q", d.line.Announced)
			}
			if hidden := from != "+4930901820"; hidden != (callerID == callNumber) {
				t.Errorf("a call from %s shows as %q", from, callerID)
			}
		})
	}
}

func TestACallerWithAHiddenNumberIsNobodyWhoCalledBefore(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	contacts := map[string]bool{}
	for _, callID := range []string{"CA1", "CA2"} {
		d.line = d.newLine(callID)
		d.line.From = "+266696687"
		d.plays(t)
		contacts[must(d.store.Conversation(t.Context(), d.conversationID(t)))(t).ContactID] = true
	}
	if len(contacts) != 2 {
		t.Errorf("two strangers are %d contacts", len(contacts))
	}
}

func TestAMailboxThatPicksUpPassesTheCallToTheNext(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, d *callDesk) {
		first := d.onlyAvailableFirst(t)
		d.line.Phones[d.phone(first)], d.line.Phones[d.phone(1-first)] = fakevoice.Mailbox, "completed"
		d.wants(t, d.plays(t), "received", "ringing", "unanswered", "ringing", "answered", "ended")
		if !slices.Equal(d.line.Dialled, []string{d.phone(first), d.phone(1 - first)}) || len(d.line.Announced) != 2 {
			t.Errorf("%v rang, and heard %q", d.line.Dialled, d.line.Announced)
		}
		if code := d.codeOf(t, inbox.EventCallUnanswered); code != inbox.CallNotTaken {
			t.Errorf("it was not answered because: %s", code)
		}
	})
}

func TestWhereNothingIsConfirmedPickingUpIsTakingTheCall(t *testing.T) {
	t.Parallel()
	onBoth(t, func(channel *inbox.Channel) {
		channel.Settings = json.RawMessage(strings.Replace(string(channel.Settings), `"confirmation":"key"`, `"confirmation":"none"`, 1))
	}, func(t *testing.T, d *callDesk) {
		first := d.onlyAvailableFirst(t)
		d.line.Phones[d.phone(first)] = fakevoice.Mailbox
		d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
		if len(d.line.Announced) > 0 {
			t.Errorf("announced was %q", d.line.Announced)
		}
	})
}

func TestAPhoneThatIsBusyPassesTheCallToTheNext(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"busy", "no-answer", "failed"} {
		onBoth(t, nil, func(t *testing.T, d *callDesk) {
			first := d.onlyAvailableFirst(t)
			d.line.Phones[d.phone(first)], d.line.Phones[d.phone(1-first)] = status, "completed"
			d.wants(t, d.plays(t), "received", "ringing", "unanswered", "ringing", "answered", "ended")
			if !slices.Equal(d.line.Dialled, []string{d.phone(first), d.phone(1 - first)}) {
				t.Errorf("%s: %v rang", status, d.line.Dialled)
			}
			if code := d.codeOf(t, inbox.EventCallUnanswered); code != status {
				t.Errorf("it was not answered because: %s", code)
			}
		})
	}
}

// onlyAvailableFirst leaves one agent available until a phone rings, and says which.
func (d *callDesk) onlyAvailableFirst(t *testing.T) int {
	t.Helper()
	check(t, d.store.SetAvailability(t.Context(), d.agents[1].ID, inbox.Away))
	d.line.HangUp = func(document string) bool {
		if strings.Contains(document, d.phone(0)) {
			check(t, d.store.SetAvailability(t.Context(), d.agents[1].ID, inbox.Available))
		}
		return false
	}
	return 0
}

// codeOf is the code of the call's first event of a kind.
func (d *callDesk) codeOf(t *testing.T, kind inbox.EventKind) string {
	t.Helper()
	for _, event := range d.timeline(t) {
		if event.Kind == kind {
			var data struct{ Code string }
			check(t, json.Unmarshal(event.Data, &data))
			return data.Code
		}
	}
	return ""
}

func TestAnAgentWhoHasACallIsNotCalled(t *testing.T) {
	t.Parallel()
	for _, during := range []string{"<Dial", "<Gather"} {
		storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
			d := newCallDesk(t, s, func(channel *inbox.Channel) { channel.Assignment.AgentIDs = channel.Assignment.AgentIDs[:1] })
			second := d.newLine("CA2")
			second.From, second.Voicemail = "+4930901821", 9
			d.line.Phones[d.phone(0)], second.Phones[d.phone(0)] = "completed", "completed"
			// The second caller calls and gives up while the first one's call rings, or while
			// the agent hears of it.
			calls := func(document string) bool {
				if strings.Contains(document, during) && len(second.Said) == 0 {
					check(t, second.Call(t.Context()))
				}
				return false
			}
			d.line.HangUp, d.line.Hears = calls, func(document string) { calls(document) }
			d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
			if len(d.line.Dialled) != 1 || len(second.Dialled) != 0 {
				t.Errorf("the first rang at %v, the second at %v", d.line.Dialled, second.Dialled)
			}
			d.line = second
			d.settle(t)
			d.wants(t, d.kinds(t), "received", "unanswered", "missed", "voicemail_left", "ended")
			if code := d.codeOf(t, inbox.EventCallUnanswered); code != string(inbox.ReasonOnCall) {
				t.Errorf("the second was not put through because: %s", code)
			}
		})
	}
}

func TestNobodyAnswersAndTheCallerLeavesAMessage(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, d *callDesk) {
		d.line.Voicemail = 9
		d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "no-answer", "busy"
		d.wants(t, d.plays(t), "received", "ringing", "unanswered", "ringing", "unanswered", "missed", "voicemail_left", "ended")
		messages, _, err := d.store.Messages(t.Context(), d.conversationID(t), store.Page{Limit: 10})
		check(t, err)
		if len(messages) != 2 || len(messages[1].Remote) != 1 ||
			messages[1].Remote[0].URL != "https://api.twilio.com/Recordings/RE1.mp3" {
			t.Errorf("messages are %+v", messages)
		}
		d.flow.mu.Lock()
		if len(d.flow.told) == 0 || !slices.Contains([]string{d.agents[0].ID, d.agents[1].ID}, d.flow.told[0]) {
			t.Errorf("told of the missed call were %v", d.flow.told)
		}
		d.flow.mu.Unlock()
	})
}

func TestOutsideTheHoursACallComesToVoicemailAtOnce(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), func(channel *inbox.Channel) {
		channel.Assignment.Hours = &inbox.Hours{TimeZone: "UTC", Ranges: []inbox.HoursRange{}}
		channel.Assignment.OnlyAvailable = false
	})
	d.line.Voicemail = 9
	d.wants(t, d.plays(t), "received", "missed", "voicemail_left", "ended")
	settings := must(call.ReadSettings(d.calls.Settings))(t)
	if want := []string{settings.VoicemailGreeting, settings.Goodbye}; !slices.Equal(d.line.Said, want) {
		t.Errorf("the caller heard %q, not %q alone", d.line.Said, want)
	}
}

func TestAnUnverifiedPhoneNeverRings(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	for _, agent := range d.agents {
		check(t, d.store.SetPhone(t.Context(), agent.ID, ""))
		must(d.store.VerifyPhone(t.Context(), agent.ID, func(before inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error) {
			return routing.PhoneCode(before, d.phone(0), "hash", time.Now())
		}))(t)
	}
	d.line.Phones[d.phone(0)] = "completed"
	d.wants(t, d.plays(t), "received", "missed", "ended")
	if len(d.line.Dialled) > 0 {
		t.Errorf("%v rang", d.line.Dialled)
	}
	decisions := ""
	for _, event := range d.timeline(t) {
		decisions += string(event.Data)
	}
	if strings.Count(decisions, string(inbox.ReasonNoPhone)) != len(d.agents) {
		t.Errorf("nobody is told why: %s", decisions)
	}
}

func TestAPhoneThatIsTakenAwayAfterTheAssignmentDoesNotRing(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.flow.paused = true
	pauses := 0
	d.line.Paused = func() {
		if pauses++; pauses == 1 {
			<-d.flow.put
			d.flow.resume()
			for _, agent := range d.agents {
				check(t, d.store.SetPhone(t.Context(), agent.ID, ""))
			}
		}
		<-d.flow.done
	}
	d.wants(t, d.plays(t), "received", "unanswered", "missed", "ended")
	if len(d.line.Dialled) > 0 {
		t.Errorf("%v rang", d.line.Dialled)
	}
}

func TestACallerWaitsWhileTheRoutingIsSlow(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.flow.paused = true
	d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "completed", "completed"
	pauses := 0
	d.line.Paused = func() {
		if pauses++; pauses == 5 {
			d.flow.resume()
		}
	}
	d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
	if pauses < 5 || len(d.line.Said) != 1 {
		t.Errorf("%d pauses, and %v was said", pauses, d.line.Said)
	}
}

func TestACallerIsGreetedWhileTemporalDoesNotAnswer(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.flow.answers = make(chan struct{})
	d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "completed", "completed"
	pauses := 0
	d.line.Paused = func() {
		if pauses++; pauses == 1 {
			close(d.flow.answers)
		}
		<-d.flow.done
	}
	// Without it a caller who is not answered would wait for ever.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	check(t, d.line.Call(ctx))
	d.settle(t)
	d.wants(t, d.kinds(t), "received", "ringing", "answered", "ended")
}

func TestACallerStillWaitsWhenTemporalIsBack(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.flow.away.Store(true)
	d.line.Phones[d.phone(0)], d.line.Phones[d.phone(1)] = "completed", "completed"
	pauses := 0
	d.line.Paused = func() {
		if pauses++; pauses > 3 {
			<-d.flow.done
		}
		d.flow.away.Store(pauses < 3)
	}
	d.wants(t, d.plays(t), "received", "ringing", "answered", "ended")
}

func TestWhoHangsUpWhileWaitingMissedNobody(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.line.HangUp = func(document string) bool { return strings.Contains(document, "<Dial") }
	d.wants(t, d.plays(t), "received", "ringing", "missed", "ended")
	if running := must(d.store.Call(t.Context(), "CA1"))(t); running.Reason != inbox.ReasonHungUp {
		t.Errorf("it was missed because: %s", running.Reason)
	}
}

func TestACallIsAnsweredAsTheContractSays(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	form := url.Values{"CallSid": {"CA1"}, "From": {"+4930901820"}, "To": {callNumber}, "CallStatus": {"ringing"}}
	first := d.twilio(t, "/webhooks/twilio/voice", callToken, form).want(200)
	if again := d.twilio(t, "/webhooks/twilio/voice", callToken, form).want(200); len(d.threads(t)) != 1 {
		t.Errorf("asked twice, it is %d conversations: %s %s", len(d.threads(t)), first.body, again.body)
	}
}

func TestAForgedCallIsRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	form := url.Values{"CallSid": {"CA1"}, "From": {"+4930901820"}, "To": {callNumber}, "CallStatus": {"ringing"}}
	for name, signature := range map[string]string{
		"none": "", "another secret": twiliotest.Sign("other", voiceURL, form),
		"another address": twiliotest.Sign(callToken, voiceURL+"?step=next", form),
	} {
		request := must(http.NewRequestWithContext(t.Context(), "POST", d.url+"/webhooks/twilio/voice", strings.NewReader(form.Encode())))(t)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("X-Twilio-Signature", signature)
		response := must(http.DefaultClient.Do(request))(t)
		check(t, response.Body.Close())
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, response.StatusCode)
		}
	}
	if _, err := d.store.Call(t.Context(), "CA1"); inbox.CodeOf(err) != inbox.CodeNotFound {
		t.Errorf("a call was stored (%v)", err)
	}
}
