package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"switchboard/channels/email/mailbox/rest"
)

const (
	// sessionSize is from which size on an attachment is uploaded in ranges,
	// rangeSize how much a range takes
	// (learn.microsoft.com/graph/outlook-large-attachments).
	sessionSize = 3_000_000
	rangeSize   = 3_000_000
)

// attach adds a file to a draft. Errors are rest.API.Submit's.
func (c *Client) attach(ctx context.Context, draft message, f file) error {
	if len(f.data) >= sessionSize {
		return c.upload(ctx, draft, f)
	}
	return c.post(ctx, messagePath(draft.ID)+"/attachments", map[string]any{
		"@odata.type": "#microsoft.graph.fileAttachment", "name": f.name, "contentType": f.contentType, "contentBytes": f.data,
	}, nil)
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return rest.NotSent(err)
	}
	header := prefer()
	header.Set("Content-Type", "application/json")
	return c.api.Submit(ctx, rest.Request{Method: http.MethodPost, Path: path, Header: header, Body: encoded}, into)
}

// upload sends a large file, range by range. The address for it is on another
// host and carries its own authorisation; ours must not go there.
func (c *Client) upload(ctx context.Context, draft message, f file) error {
	var session struct{ UploadURL string }
	err := c.post(ctx, messagePath(draft.ID)+"/attachments/createUploadSession", map[string]any{
		"AttachmentItem": map[string]any{
			"attachmentType": "file", "name": f.name, "contentType": f.contentType, "size": len(f.data),
		},
	}, &session)
	if err != nil {
		return err
	}
	target, err := url.Parse(session.UploadURL)
	if err != nil {
		return rest.NotSent(fmt.Errorf("upload session: %w", err))
	}
	host, err := rest.New(target.Scheme+"://"+target.Host, &http.Client{})
	if err != nil {
		return rest.NotSent(fmt.Errorf("upload session: %w", err))
	}
	for start := 0; start < len(f.data); start += rangeSize {
		end := min(start+rangeSize, len(f.data))
		err := host.Submit(ctx, rest.Request{
			Method: http.MethodPut, Link: session.UploadURL, Body: f.data[start:end],
			Header: http.Header{
				"Content-Type":  {"application/octet-stream"},
				"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", start, end-1, len(f.data))},
			},
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
