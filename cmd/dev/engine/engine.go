// Package engine runs Temporal's server and its web UI inside this process, for
// development: one SQLite file, loopback addresses, nothing to install.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/temporal"
)

// startTimeout bounds how long a start waits for the first answer.
const startTimeout = 3 * time.Minute

// Options says where the engine keeps its data and where it listens.
type Options struct {
	// Dir is the folder of the database file; it is created when missing. One
	// process at a time may use it.
	Dir string
	// Address is the gRPC address; port 0 picks a free one.
	Address string
	// UIAddress is the web UI's address; port 0 picks a free one, "" is no UI.
	UIAddress string
	// Namespace is created when missing.
	Namespace string
	// SearchAttributes are added to the namespace; those it already has stay.
	SearchAttributes map[string]enumspb.IndexedValueType
	// Logger receives warnings and errors; nil is slog's default.
	Logger *slog.Logger
	// Held is called when the folder is this process's own, before anything in it
	// is used; nil is nothing to do.
	Held func() error
}

// Engine is a running server.
type Engine struct {
	address   string
	uiAddress string
	lock      *os.File
	log       *logger
	ui        *ui
	server    temporal.Server
	stop      sync.Once
}

// Start returns when workflows can be started in the namespace. What an earlier
// engine left in the folder is there again, also after a kill.
//
// Errors say which address is taken, which process holds the folder, or that
// the database is damaged.
func Start(ctx context.Context, options Options) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	lock, err := lockDir(options.Dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{lock: lock, log: newLogger(options.Logger)}
	if options.Held != nil {
		if err := options.Held(); err != nil {
			e.Stop()
			return nil, err
		}
	}
	if err := e.start(ctx, options); err != nil {
		e.Stop()
		return nil, fmt.Errorf("start temporal: %w", err)
	}
	return e, nil
}

// Address returns the gRPC address, host:port.
func (e *Engine) Address() string { return e.address }

// UIAddress returns the web UI's address, host:port, or "" when there is none.
func (e *Engine) UIAddress() string { return e.uiAddress }

// Stop ends the UI and the server and frees the folder. Running workflows
// continue at the next start.
func (e *Engine) Stop() {
	e.stop.Do(func() {
		if e.ui != nil {
			e.ui.stop()
		}
		if e.server != nil {
			e.log.mute()
			if err := e.server.Stop(); err != nil {
				e.log.unmuted.Warn("temporal did not stop cleanly", "error", err)
			}
		}
		if err := e.lock.Close(); err != nil {
			e.log.unmuted.Warn("engine folder not released", "error", err)
		}
	})
}

func (e *Engine) start(ctx context.Context, options Options) error {
	at, err := pickAddresses(options)
	if err != nil {
		return err
	}
	e.address = at.frontend.String()

	database, err := openDatabase(ctx, options)
	if err != nil {
		return err
	}
	if e.server, err = startServer(serverConfig(at, database), e.log); err != nil {
		return err
	}
	if err := e.awaitNamespace(ctx, options.Namespace); err != nil {
		return err
	}
	if at.ui == nil {
		return nil
	}
	e.uiAddress = at.ui.String()
	e.ui, err = startUI(ctx, at.ui, e.address, options.Namespace)
	return err
}

// startServer turns a fatal log, which would end a stand-alone server's process,
// into an error.
func startServer(conf *config.Config, log *logger) (server temporal.Server, err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case fatal:
			server, err = nil, cause
		default:
			panic(cause)
		}
	}()
	server, err = temporal.NewServer(
		temporal.WithConfig(conf),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(conf)),
		temporal.WithDynamicConfigClient(dynamicConfig()),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithLogger(log),
	)
	if err != nil {
		return nil, fmt.Errorf("build server: %w", err)
	}
	return server, server.Start()
}

// awaitNamespace asks for a workflow that does not exist: only a frontend that
// knows the namespace and reaches the history shard can say so.
func (e *Engine) awaitNamespace(ctx context.Context, namespace string) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort:  e.address,
		Namespace: namespace,
		Logger:    sdklog.NewStructuredLogger(e.log.SLog()),
		// The first call is waited for as long as the start.
		ConnectionOptions: client.ConnectionOptions{GetSystemInfoTimeout: startTimeout},
	})
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close()
	_, err = c.DescribeWorkflowExecution(ctx, "no-such-workflow", "")
	if notFound := new(serviceerror.NotFound); !errors.As(err, &notFound) {
		return fmt.Errorf("wait for namespace %q: %w", namespace, err)
	}
	return nil
}
