package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// benchVisitors measures what connected visitors who are silent cost the server in
// memory: those who have not said anything yet, and those who have a conversation.
// Each has an address of its own, and their side of the connections is in a process of
// its own.
func benchVisitors(ctx context.Context, r *rig, visitors int) error {
	fmt.Printf("\n| %d visitors connected on SSE, all idle | memory of one | goal |\n|---|---|---|\n", visitors)
	var tokens []string
	for range visitors {
		var session struct {
			VisitorToken string `json:"visitor_token"`
		}
		if err := r.asVisitor(ctx, "", "sessions", `{}`, http.StatusOK, &session); err != nil {
			return err
		}
		tokens = append(tokens, session.VisitorToken)
	}
	perVisitor, err := r.memoryOf(ctx, tokens)
	if err != nil {
		return err
	}
	fmt.Printf("| nothing said yet | **%.1f kB** | at most 60 kB |\n", perVisitor)
	before := r.tickets.total()
	_, err = measure(ctx, len(tokens), atOnce, func(ctx context.Context, i int) error {
		return r.asVisitor(ctx, tokens[i], "messages", `{"text": "It is broken.", "client_id": "1"}`, http.StatusAccepted, nil)
	})
	if err != nil {
		return err
	}
	if err := r.tickets.awaitTotal(ctx, before+len(tokens)); err != nil {
		return err
	}
	if perVisitor, err = r.memoryOf(ctx, tokens); err != nil {
		return err
	}
	fmt.Printf("| with a conversation | **%.1f kB** | at most 60 kB |\n", perVisitor)
	return nil
}

// memoryOf is by how many kB the process grows with each of these visitors.
func (r *rig) memoryOf(ctx context.Context, tokens []string) (float64, error) {
	before := memory()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	crowd := exec.CommandContext(ctx, self, "-visit", strings.TrimPrefix(r.server.URL(), "http://")+"/chat/"+r.chat.ID+"/events")
	crowd.Stderr = os.Stderr
	in, err := crowd.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := crowd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := crowd.Start(); err != nil {
		return 0, err
	}
	_, err = fmt.Fprintln(in, strings.Join(tokens, " "))
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n') // all are connected
	}
	after := memory()
	err = errors.Join(err, in.Close(), crowd.Wait())
	return (float64(after) - float64(before)) / float64(len(tokens)) / 1000, err
}

// memory is what the heap and the stacks of goroutines hold when the garbage is
// gone.
func memory() uint64 {
	// What was begun is done, and buffers that pools keep for a while are let go.
	for range 3 {
		time.Sleep(settle)
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}

// visit is the visitors' process: it connects those whose tokens it reads, says so
// when all streams have begun, and leaves when its input ends.
func visit(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	tokens, err := lines.ReadString('\n')
	if err != nil {
		return err
	}
	host, path, _ := strings.Cut(url, "/")
	var dialer net.Dialer
	address := netip.MustParseAddr("10.0.0.0")
	for _, token := range strings.Fields(tokens) {
		address = address.Next()
		connection, err := dialer.DialContext(ctx, "tcp", host)
		if err != nil {
			return err
		}
		defer connection.Close()
		_, err = fmt.Fprintf(connection, "GET /%s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: %s\r\nAuthorization: Visitor %s\r\n\r\n", path, host, address, token)
		if err != nil {
			return err
		}
		answer := bufio.NewReader(connection)
		status, err := answer.ReadString('\n')
		if err != nil || !strings.Contains(status, " 200 ") {
			return errors.Join(err, fmt.Errorf("a stream answered %s", status))
		}
		for line := ""; line != ":\n"; {
			if line, err = answer.ReadString('\n'); err != nil {
				return err
			}
		}
	}
	if _, err := fmt.Fprintln(out, "connected"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, lines)
	return err
}

// asVisitor posts to the chat, and reads the answer into out unless it is nil.
func (r *rig) asVisitor(ctx context.Context, token, path, body string, status int, out any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.server.URL()+"/chat/"+r.chat.ID+"/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Visitor "+token)
	}
	response, err := r.http.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	if response.StatusCode != status {
		err = errors.Join(err, fmt.Errorf("%s answered %s: %s", path, response.Status, text))
	}
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// chatChannel makes a chat channel that assigns like another channel.
func chatChannel(ctx context.Context, s *store.Store, like inbox.Channel) (inbox.Channel, error) {
	settings, err := (&chat.Channel{CheckHours: routing.CheckHours}).CheckSettings(json.RawMessage(`{}`))
	if err != nil {
		return inbox.Channel{}, err
	}
	return s.CreateChannel(ctx, inbox.Channel{
		InboxID: like.InboxID, Kind: inbox.KindChat, Name: "Chat", Enabled: true, State: inbox.ChannelConnected,
		Assignment: like.Assignment, Tickets: like.Tickets, Settings: settings,
	})
}
