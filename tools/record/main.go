// Command record plays scenarios against a development binary and writes the
// histories of the workflows they make, for the replay test. The binary is built
// from a release: a history recorded from the code under test proves nothing.
//
//	make record-replay RELEASE=v1.2.3
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
)

func main() {
	log.SetFlags(0)
	dev := flag.String("dev", "", "the release's development binary")
	to := flag.String("to", "workflows/testdata/replay", "folder of the histories")
	release := flag.String("release", "", "the release's name, with which the files' names begin")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := record(ctx, *dev, *to, *release)
	stop()
	if err != nil {
		log.Fatal("record: ", err)
	}
}

func record(ctx context.Context, dev, to, release string) (err error) {
	data, err := os.MkdirTemp("", "record")
	if err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	stop, err := start(ctx, dev, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	where, err := await(ctx, filepath.Join(data, "dev.json"))
	if err != nil {
		return err
	}
	temporal, err := client.Dial(client.Options{HostPort: where.TemporalAddress})
	if err != nil {
		return fmt.Errorf("connect to Temporal: %w", err)
	}
	defer temporal.Close()
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, s := range scenarios {
		p := &player{ctx: ctx, where: where, temporal: temporal}
		id := s.play(p)
		if p.err != nil {
			return fmt.Errorf("play %s: %w", s.name, p.err)
		}
		if err := export(ctx, temporal, id, filepath.Join(to, release+"-"+s.name)); err != nil {
			return fmt.Errorf("export %s: %w", s.name, err)
		}
	}
	return nil
}

// start starts the binary and returns what stops it.
func start(ctx context.Context, dev, data string) (stop func() error, err error) {
	const free = "127.0.0.1:0"
	command := exec.CommandContext(ctx, dev, "--data", data, "--http", free, "--ui", free, "--smtp", free, "--temporal", free)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", dev, err)
	}
	return func() error {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return command.Wait()
	}, nil
}

// whereabouts is the part of dev.json that is needed.
type whereabouts struct {
	APIURL          string `json:"api_url"`
	TemporalAddress string `json:"temporal_address"`
	Agents          []struct {
		ID      string   `json:"id"`
		Token   string   `json:"token"`
		TeamIDs []string `json:"team_ids"`
	} `json:"agents"`
	Channels []struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
	} `json:"channels"`
}

// await reads dev.json, which is written when everything answers.
func await(ctx context.Context, file string) (where whereabouts, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		raw, err := os.ReadFile(file)
		if err == nil {
			return where, json.Unmarshal(raw, &where)
		}
		if err := pause(ctx); err != nil {
			return where, fmt.Errorf("wait for %s: %w", file, err)
		}
	}
}

// pause waits a moment between two looks.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
