package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchboard/api/contract"
)

const (
	connections = 16
	// rounds make 512 submissions and 512 chat messages, the last of them while Temporal
	// is away.
	rounds, lastRounds = 32, 8
	// capacity leaves a part of the conversations waiting.
	capacity = 100
)

func TestInProductionTheMainJobIsDoneAndOutagesLoseNothing(t *testing.T) {
	p := startProduction(t)
	holdMainJob(t, p.system)
	p.takesMailEncrypted(t)
	p.hasNothingOfDev(t)

	o := p.newOffice(t, "outage", 0)
	var members []string
	for _, name := range []string{"outage-a", "outage-b", "outage-c"} {
		members = append(members, o.newAgent(t, name, settings{"capacity": capacity}).ID)
	}
	change[contract.Team](t, p.admin, 200, "PATCH", "/api/v1/teams/"+o.team.ID, settings{"member_ids": members})
	form, chat := o.form(t, o.teamRule()), o.chat(t, o.teamRule())
	visitors := make([]*visitor, connections)
	for i := range visitors {
		visitors[i] = p.newVisitor(t, chat)
	}

	told, away := newLedger(), make(chan struct{})
	sending := atOnce(connections, func(connection int) {
		for round := range rounds {
			if round == rounds-lastRounds {
				<-away
			}
			p.insist(t, round, func(s *system) error {
				return s.submitOnce(t, form, fmt.Sprintf("submission-%02d-%02d", connection, round), told)
			})
			p.insist(t, round+1, func(s *system) error {
				return visitors[connection].sayOnce(t, s, round)
			})
		}
	})
	p.outages(t, told, away)
	sending.Wait()

	found := p.settled(t, form, told)
	if len(found) != connections*rounds {
		t.Errorf("%d submissions are %d conversations", connections*rounds, len(found))
	}
	for _, v := range visitors {
		heardInOrder(t, v)
	}
	heldToCapacity(t, members, append(found, p.awaitRouted(t, chat, connections)...))
	nothingPersonalIsKept(t, p.system)
	p.drain(t, visitors[0], p.newVisitor(t, chat))
}

// insist sends again, to the other process, until it is acknowledged.
func (p *production) insist(t *testing.T, first int, send func(*system) error) {
	deadline := time.Now().Add(patience)
	for try := first; ; try++ {
		err := send(&system{admin: p.admin.at(p.bases[try%len(p.bases)])})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("not acknowledged in %s: %v", patience, err)
			return
		}
	}
}

// sayOnce says the next in order, once, to one of the processes.
func (v *visitor) sayOnce(t *testing.T, s *system, number int) error {
	a, err := v.at(s.admin.base).do(t, withJSON(http.MethodPost, v.path+"/messages",
		settings{"text": fmt.Sprintf("%03d %s", number, personal), "client_id": fmt.Sprint(number)}))
	if err == nil && a.status != http.StatusAccepted {
		err = fmt.Errorf("message %d was answered %d: %s", number, a.status, a.body)
	}
	return err
}

// outages kills one serving process and starts it again, then takes Temporal
// away, and says so, until enough came in without it.
func (p *production) outages(t *testing.T, told *ledger, away chan<- struct{}) {
	t.Helper()
	told.await(t, 50)
	p.serving[1].kill(t)
	told.await(t, 150)
	p.serve(t, 1)
	told.await(t, 250)
	p.engine.kill(t)
	close(away)
	// Each connection may have been waiting for one that Temporal still knows.
	told.await(t, len(told.acknowledged())+3*connections)
	p.startEngine(t)
}

// heardInOrder checks that a visitor's messages are one conversation, each once
// and in the order in which they were acknowledged.
func heardInOrder(t *testing.T, v *visitor) {
	t.Helper()
	var numbers, want []string
	for _, message := range all[contract.ChatMessage](t, v.client, v.path+"/messages", nil) {
		number, _, _ := strings.Cut(message.Text, " ")
		numbers = append(numbers, number)
	}
	for number := range rounds {
		want = append(want, fmt.Sprintf("%03d", number))
	}
	if !slices.Equal(numbers, want) {
		t.Errorf("a visitor's messages are in the order %v", numbers)
	}
}

// heldToCapacity checks that nobody has more than his capacity, and that nobody
// has less while conversations wait.
func heldToCapacity(t *testing.T, agents []string, found []contract.Conversation) {
	t.Helper()
	assigned, waiting := map[string]int{}, 0
	for _, conversation := range found {
		if conversation.AssigneeID == nil {
			waiting++
			continue
		}
		assigned[*conversation.AssigneeID]++
	}
	for _, agent := range agents {
		if assigned[agent] != capacity {
			t.Errorf("an agent for %d has %d while %d wait", capacity, assigned[agent], waiting)
		}
	}
}

// drain stops both processes while streams are open.
func (p *production) drain(t *testing.T, listening ...*visitor) {
	t.Helper()
	for i, serving := range p.serving {
		for _, v := range listening {
			v.at(p.bases[i]).listen(t, v.path+"/events", "", visitorEvents)
		}
		p.admin.at(p.bases[i]).listen(t, "/api/v1/events", "", agentEvents)
		serving.signal(t, syscall.SIGTERM)
		if code := serving.exitCode(t); code != 0 {
			t.Errorf("told to stop, %s ended with exit code %d", serving.name, code)
		}
	}
}
