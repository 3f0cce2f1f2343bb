package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"switchboard/cmd/dev/engine"
	"switchboard/cmd/serve"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/test/standins/fakemessenger"
	"switchboard/workflows"
)

// textbookQueue keeps the textbook's worker apart from Switchboard's.
const textbookQueue = "textbook"

// rig is the engine, Switchboard as production runs it, and a worker for the
// other variants, in one process.
type rig struct {
	engine   *engine.Engine
	server   *serve.Server
	store    *store.Store
	temporal client.Client
	worker   worker.Worker
	channel  inbox.Channel
	mailbox  inbox.Channel
	page     inbox.Channel
	chat     inbox.Channel
	facebook *fakemessenger.Server
	tickets  *tickets
	// textbookURL is where the textbook takes forms in.
	textbookURL string
	textbookAPI *http.Server
	// mailDomain is that of hosted addresses.
	mailDomain string
	// http keeps its connections, as a proxy in front of the API does.
	http http.Client
}

func newRig(ctx context.Context, dir string, log *slog.Logger) (_ *rig, err error) {
	r := &rig{http: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
	defer func() {
		if err != nil {
			r.stop()
		}
	}()
	r.engine, err = engine.Start(ctx, engine.Options{
		Dir: dir, Address: "127.0.0.1:0", Namespace: "default",
		SearchAttributes: workflows.SearchAttributes(), Logger: log,
	})
	if err != nil {
		return nil, err
	}
	r.facebook = newFacebook()
	connected, err := facebookSettings(r.facebook)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(append(connected,
		"SWITCHBOARD_DATABASE_URL=sqlite:"+dir+"/switchboard.db",
		"SWITCHBOARD_HTTP_ADDRESS=127.0.0.1:0",
		"SWITCHBOARD_INBOUND_SMTP_ADDRESS=127.0.0.1:0",
		"SWITCHBOARD_TEMPORAL_ADDRESS="+r.engine.Address(),
		"SWITCHBOARD_PUBLIC_RATE=1000000",
		"SWITCHBOARD_PUBLIC_BURST=1000000",
		// Visitors say where they come from.
		"SWITCHBOARD_TRUSTED_PROXIES=127.0.0.1/32",
	))
	if err != nil {
		return nil, err
	}
	if err := serve.Migrate(ctx, cfg, log); err != nil {
		return nil, err
	}
	if r.server, err = serve.Start(ctx, cfg, log, nil); err != nil {
		return nil, err
	}
	r.store = r.server.Store()
	r.temporal, err = client.Dial(client.Options{HostPort: r.engine.Address(), Logger: quiet{}})
	if err != nil {
		return nil, err
	}
	if r.channel, err = furnish(ctx, r.store); err != nil {
		return nil, fmt.Errorf("make settings: %w", err)
	}
	if r.mailbox, err = mailChannel(ctx, r.store, r.channel); err != nil {
		return nil, fmt.Errorf("make e-mail channel: %w", err)
	}
	if r.page, err = messengerChannel(ctx, r.store, r.server.Facebook(), r.channel); err != nil {
		return nil, fmt.Errorf("make Messenger channel: %w", err)
	}
	if r.chat, err = chatChannel(ctx, r.store, r.channel); err != nil {
		return nil, fmt.Errorf("make chat channel: %w", err)
	}
	r.mailDomain = cfg.MailDomain
	if r.tickets, err = watchTickets(ctx, r.store); err != nil {
		return nil, err
	}
	r.worker = worker.New(r.temporal, textbookQueue, worker.Options{})
	r.worker.RegisterWorkflow(nothing)
	r.worker.RegisterWorkflow(textbook)
	r.worker.RegisterActivity(r.server.Steps())
	if err := r.listenForTextbook(ctx, log); err != nil {
		return nil, err
	}
	return r, r.worker.Start()
}

func (r *rig) stop() {
	if r.textbookAPI != nil {
		_ = r.textbookAPI.Close()
	}
	if r.worker != nil {
		r.worker.Stop()
	}
	if r.temporal != nil {
		r.temporal.Close()
	}
	if r.server != nil {
		_ = r.server.Shutdown(context.Background())
	}
	if r.engine != nil {
		r.engine.Stop()
	}
	if r.facebook != nil {
		r.facebook.Close()
	}
}

// furnish makes a form whose conversations are spread over ten agents and
// become tickets.
func furnish(ctx context.Context, s *store.Store) (inbox.Channel, error) {
	support, err := s.CreateInbox(ctx, inbox.Inbox{Name: "Support"})
	if err != nil {
		return inbox.Channel{}, err
	}
	team := inbox.Team{Name: "Everybody"}
	for i := range 10 {
		agent, err := s.CreateAgent(ctx, inbox.Agent{
			Name: fmt.Sprint("Agent ", i), Email: fmt.Sprintf("agent%d@bench.example", i),
			Seat: true, Availability: inbox.Available,
		})
		if err != nil {
			return inbox.Channel{}, err
		}
		team.MemberIDs = append(team.MemberIDs, agent.ID)
	}
	if team, err = s.CreateTeam(ctx, team); err != nil {
		return inbox.Channel{}, err
	}
	_, err = s.CreatePipeline(ctx, inbox.Pipeline{Name: "Support", Stages: []inbox.Stage{{ID: "new", Name: "New"}}})
	if err != nil {
		return inbox.Channel{}, err
	}
	assignment := inbox.DefaultAssignment()
	assignment.Mode, assignment.TeamIDs = inbox.AssignSpecific, []string{team.ID}
	return s.CreateChannel(ctx, inbox.Channel{
		InboxID: support.ID, Kind: inbox.KindForm, Name: "Form", Enabled: true, State: inbox.ChannelConnected,
		Assignment: assignment,
		Tickets:    inbox.TicketDefaults{Enabled: true, Priority: inbox.PriorityNormal, Owner: inbox.TicketOwnerAssignee},
		Settings: json.RawMessage(`{"fields": [{"name": "email", "label": "E-mail", "type": "email", "required": true, "maps_to": "email"},
			{"name": "message", "label": "Message", "type": "textarea", "maps_to": "message"}]}`),
	})
}

// variants are what is compared; each call of do is one conversation.
func (r *rig) variants() []variant {
	return []variant{
		{name: "a workflow that does nothing, eagerly started", do: r.nothing},
		{name: "Switchboard, from POST to assigned with ticket", do: r.switchboard},
		{name: "the textbook: one ordinary activity a step", do: r.textbook},
		{name: "Messenger, from webhook to assigned with ticket", do: r.byMessenger},
	}
}

func (r *rig) nothing(ctx context.Context, _ int) (string, error) {
	run, err := r.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: textbookQueue, EnableEagerStart: true}, nothing)
	if err != nil {
		return "", err
	}
	return run.GetID(), run.Get(ctx, nil)
}

// switchboard posts a submission and waits for its ticket, the last step.
func (r *rig) switchboard(ctx context.Context, i int) (string, error) {
	id, err := r.submit(ctx, r.server.URL(), fmt.Sprint("contact", i))
	if err != nil {
		return "", err
	}
	return workflows.ConversationID(id), r.tickets.await(ctx, id)
}

// textbook does the same by the textbook's workflow.
func (r *rig) textbook(ctx context.Context, i int) (string, error) {
	id, err := r.submit(ctx, r.textbookURL, fmt.Sprint("textbook", i))
	if err != nil {
		return "", err
	}
	return textbookID(id), r.tickets.await(ctx, id)
}

// submit posts a contact's submission and returns its conversation.
func (r *rig) submit(ctx context.Context, url, contact string) (conversationID string, err error) {
	body := fmt.Sprintf(`{"fields": {"email": "%s@bench.example", "message": "It is broken."}}`, contact)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		url+"/forms/"+r.channel.ID+"/submissions", bytes.NewBufferString(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		return "", err
	}
	var receipt struct {
		ConversationID string `json:"conversation_id"`
	}
	text, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	if response.StatusCode != http.StatusAccepted {
		err = errors.Join(err, fmt.Errorf("submission answered %s: %s", response.Status, text))
	}
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(text, &receipt); err != nil {
		return "", err
	}
	return receipt.ConversationID, nil
}

// quiet drops the SDK's logs: the table is the output.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
