package fakemessenger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"switchboard/channels/messenger/webhook"
)

// webhooks delivers what happened to our application, signed, one after the other.
// What is not answered 200 is delivered again, as Facebook does.
type webhooks struct {
	mu     sync.Mutex
	url    string
	queue  [][]byte
	wake   chan struct{}
	done   chan struct{}
	ended  sync.WaitGroup
	number int
}

// again is how soon what was not taken is delivered again.
const again = 100 * time.Millisecond

// DeliverTo has webhooks delivered to an address from now on: echoes and deliveries
// of what is sent, and what Writes and Reads tell.
func (s *Server) DeliverTo(url string) {
	h := &s.webhooks
	h.mu.Lock()
	defer h.mu.Unlock()
	begun := h.url != ""
	h.url = url
	if begun {
		return
	}
	h.wake, h.done = make(chan struct{}, 1), make(chan struct{})
	h.ended.Go(func() { h.run(s.secret) })
}

func (h *webhooks) close() {
	h.mu.Lock()
	begun := h.url != ""
	h.mu.Unlock()
	if begun {
		close(h.done)
		h.ended.Wait()
	}
}

func (h *webhooks) run(secret string) {
	client := http.Client{Timeout: 20 * time.Second}
	for {
		h.mu.Lock()
		url, next := h.url, []byte(nil)
		if len(h.queue) > 0 {
			next = h.queue[0]
		}
		h.mu.Unlock()
		pause := (<-chan time.Time)(nil)
		if next != nil {
			if post(&client, url, next, secret) {
				h.mu.Lock()
				h.queue = h.queue[1:]
				h.mu.Unlock()
				continue
			}
			pause = time.After(again)
		}
		select {
		case <-h.done:
			return
		case <-h.wake:
		case <-pause:
		}
	}
}

func post(client *http.Client, url string, body []byte, secret string) bool {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, secret))
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// deliver queues one item of a page; without an address nobody is told.
func (h *webhooks) deliver(pageID, from, to string, at time.Time, what map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.url == "" {
		return
	}
	item := map[string]any{"sender": map[string]string{"id": from}, "recipient": map[string]string{"id": to}, "timestamp": at.UnixMilli()}
	for name, value := range what {
		item[name] = value
	}
	body, err := json.Marshal(map[string]any{"object": "page", "entry": []any{
		map[string]any{"id": pageID, "time": time.Now().UnixMilli(), "messaging": []any{item}},
	}})
	if err != nil {
		panic(err) // it was made of JSON
	}
	h.queue = append(h.queue, body)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// deliverSent tells of a message that left: its echo, and that it arrived.
func (s *Server) deliverSent(sent Sent) {
	now := time.Now()
	message := map[string]any{"mid": sent.ID, "is_echo": true, "app_id": json.Number(s.appID), "metadata": sent.Metadata}
	if sent.Text != "" {
		message["text"] = sent.Text
	} else {
		message["attachments"] = []any{map[string]any{
			"type": sent.FileType, "payload": map[string]string{"url": s.URL + "/files/" + sent.ID},
		}}
	}
	s.webhooks.deliver(sent.PageID, sent.PageID, sent.Recipient, now, map[string]any{"message": message})
	s.webhooks.deliver(sent.PageID, sent.Recipient, sent.PageID, now, map[string]any{
		"delivery": map[string]any{"mids": []string{sent.ID}, "watermark": now.UnixMilli()},
	})
}

// Writes has a person write to a page at a time: the window opens, and we are told.
func (s *Server) Writes(pageID, contactID, text string, at time.Time) (mid string) {
	s.Wrote(pageID, contactID, at)
	s.webhooks.mu.Lock()
	s.webhooks.number++
	mid = fmt.Sprintf("m_in_%d", s.webhooks.number)
	s.webhooks.mu.Unlock()
	s.webhooks.deliver(pageID, contactID, pageID, at, map[string]any{"message": map[string]any{"mid": mid, "text": text}})
	return mid
}

// Presses has a person press a button of ours.
func (s *Server) Presses(pageID, contactID, title, payload string, at time.Time) {
	s.Wrote(pageID, contactID, at)
	s.webhooks.mu.Lock()
	s.webhooks.number++
	mid := fmt.Sprintf("m_in_%d", s.webhooks.number)
	s.webhooks.mu.Unlock()
	s.webhooks.deliver(pageID, contactID, pageID, at, map[string]any{"message": map[string]any{
		"mid": mid, "text": title, "quick_reply": map[string]string{"payload": payload},
	}})
}

// Reads has a person read everything up to now.
func (s *Server) Reads(pageID, contactID string) {
	now := time.Now()
	s.webhooks.deliver(pageID, contactID, pageID, now, map[string]any{"read": map[string]int64{"watermark": now.UnixMilli()}})
}
