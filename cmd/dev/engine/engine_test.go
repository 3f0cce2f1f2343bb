package engine_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"switchboard/cmd/dev/engine"
)

const queue = "test"

func TestAStoppedEngineFindsEverythingAgainAndAcceptsNewSearchAttributes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status := temporal.NewSearchAttributeKeyKeyword("Status")
	team := temporal.NewSearchAttributeKeyKeyword("Team")
	options := options(dir)
	options.SearchAttributes = map[string]enumspb.IndexedValueType{"Status": enumspb.INDEXED_VALUE_TYPE_KEYWORD}

	first := start(t, options)
	c := connect(t, first)
	run := greet(t, c, "greeting", temporal.NewSearchAttributes(status.ValueSet("open")))
	c.Close()
	first.Stop()

	options.SearchAttributes["Team"] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	c = connect(t, start(t, options))
	var said string
	if err := c.GetWorkflow(t.Context(), "greeting", run).Get(t.Context(), &said); err != nil || said != "hello" {
		t.Fatalf("result after restart: %q, %v", said, err)
	}
	if first := firstEvent(t, c, "greeting", run); first != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
		t.Fatalf("history after restart begins with %s", first)
	}
	greet(t, c, "another", temporal.NewSearchAttributes(status.ValueSet("open"), team.ValueSet("support")))
}

func TestTheFirstWorkflowTaskIsStartedEagerly(t *testing.T) {
	t.Parallel()
	c := connect(t, start(t, options(t.TempDir())))
	run := greet(t, c, "greeting", temporal.SearchAttributes{})
	history := c.GetWorkflowHistory(t.Context(), "greeting", run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			t.Fatal(err)
		}
		if started := event.GetWorkflowExecutionStartedEventAttributes(); started != nil && !started.EagerExecutionAccepted {
			t.Fatal("the first workflow task went through matching")
		}
	}
}

func TestASecondEngineOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	options := options(t.TempDir())
	start(t, options)
	refused(t, options, "another switchboard dev (pid ")
}

func TestATakenAddressIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	options := options(t.TempDir())
	options.Address = listener.Addr().String()
	refused(t, options, options.Address+", is taken")
}

func TestADamagedDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	options := options(t.TempDir())
	path := filepath.Join(options.Dir, "temporal.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, options, path+": damaged")
}

func TestTheUIAnswersWithHTML(t *testing.T) {
	t.Parallel()
	options := options(t.TempDir())
	options.UIAddress = "127.0.0.1:0"
	response, err := http.Get("http://" + start(t, options).UIAddress() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(string(page)), "<html") {
		t.Fatalf("%s: %.200s", response.Status, page)
	}
}

func options(dir string) engine.Options {
	return engine.Options{Dir: dir, Address: "127.0.0.1:0", Namespace: "default", Logger: slog.New(slog.DiscardHandler)}
}

func start(t testing.TB, options engine.Options) *engine.Engine {
	t.Helper()
	e, err := engine.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

func refused(t *testing.T, options engine.Options, why string) {
	t.Helper()
	e, err := engine.Start(t.Context(), options)
	if err == nil {
		e.Stop()
		t.Fatal("started")
	}
	if !strings.Contains(err.Error(), why) {
		t.Fatalf("error %q does not say %q", err, why)
	}
}

// connect returns a client with a worker, so that workflows start eagerly.
func connect(t testing.TB, e *engine.Engine) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort: e.Address(),
		Logger:   sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		// The machine may be busy with other tests.
		ConnectionOptions: client.ConnectionOptions{GetSystemInfoTimeout: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(greeting)
	w.RegisterWorkflow(fourSteps)
	w.RegisterActivity(step)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return c
}

func greet(t testing.TB, c client.Client, id string, attributes temporal.SearchAttributes) (run string) {
	t.Helper()
	started, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: id, TaskQueue: queue, EnableEagerStart: true, TypedSearchAttributes: attributes,
	}, greeting)
	if err != nil {
		t.Fatal(err)
	}
	var said string
	if err := started.Get(t.Context(), &said); err != nil || said != "hello" {
		t.Fatalf("result: %q, %v", said, err)
	}
	return started.GetRunID()
}

func firstEvent(t *testing.T, c client.Client, id, run string) enumspb.EventType {
	t.Helper()
	event, err := c.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
	if err != nil {
		t.Fatal(err)
	}
	return event.EventType
}

func greeting(workflow.Context) (string, error) { return "hello", nil }

func step(context.Context) error { return nil }
