package outbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// soon is how long a provider takes to tell what became of a message.
	soon = 300 * time.Millisecond
	// tries are how often a webhook is sent that was not taken, each after twice
	// the time of the one before.
	tries = 6
	// webhookTimeout is what the strictest provider grants, Twilio.
	webhookTimeout = 15 * time.Second
)

// callback makes a signed webhook.
type callback func() (*http.Request, error)

// sendBack sends webhooks one after the other.
func (o *Outbox) sendBack(callbacks []callback) {
	for _, callback := range callbacks {
		wait := soon
		for try := 1; ; try++ {
			select {
			case <-o.context.Done():
				return
			case <-time.After(wait):
			}
			err := o.sendOnce(callback)
			if err == nil {
				break
			}
			if try == tries {
				o.options.Log.Warn("webhook was not taken", "error", err)
				break
			}
			wait *= 2
		}
	}
}

func (o *Outbox) sendOnce(callback callback) error {
	request, err := callback()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(o.context, webhookTimeout)
	defer cancel()
	response, err := http.DefaultClient.Do(request.WithContext(ctx))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// post is a webhook with one more header field, its signature.
func (o *Outbox) post(url, contentType string, body []byte, name, signature string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(o.context, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set(name, signature)
	return request, nil
}
