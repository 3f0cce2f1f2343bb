package graph

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// mimeLimit is what a message may have for a draft to be made of it: in base64
// it fits a request of 4 MB (learn.microsoft.com/graph/api/user-post-messages).
const mimeLimit = 3_000_000

// errTooLarge: without its attachments a message is still above the limit.
var errTooLarge = errors.New("the message is too large")

// file is an attachment that travels by itself.
type file struct {
	name, contentType string
	data              []byte
}

// part is one part of a multipart/mixed message as it stands there.
type part struct {
	header textproto.MIMEHeader
	body   []byte
}

func (p part) isAttachment() bool {
	disposition, _, err := mime.ParseMediaType(p.header.Get("Content-Disposition"))
	return err == nil && disposition == "attachment"
}

// lighten takes attachments out of a message, the largest first, until the rest
// is below the limit.
func lighten(raw []byte, limit int) (rest []byte, files []file, err error) {
	if len(raw) <= limit {
		return raw, nil, nil
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	boundary, parts, err := split(raw)
	if err != nil {
		return nil, nil, err
	}
	size := len(raw)
	for size > limit {
		largest := -1
		for i, p := range parts {
			if p.isAttachment() && (largest < 0 || len(p.body) > len(parts[largest].body)) {
				largest = i
			}
		}
		if largest < 0 {
			return nil, nil, errTooLarge
		}
		f, err := parts[largest].file()
		if err != nil {
			return nil, nil, err
		}
		size -= len(parts[largest].body)
		files = append(files, f)
		parts = append(parts[:largest], parts[largest+1:]...)
	}
	rest, err = join(head, boundary, parts)
	return rest, files, err
}

func split(raw []byte) (boundary string, parts []part, err error) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", nil, errors.New("the message cannot be read")
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		return "", nil, errTooLarge
	}
	reader := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		next, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parameters["boundary"], parts, nil
		}
		if err != nil {
			return "", nil, errors.New("the message's parts cannot be read")
		}
		body, err := io.ReadAll(next)
		if err != nil {
			return "", nil, errors.New("a part of the message cannot be read")
		}
		parts = append(parts, part{next.Header, body})
	}
}

func join(head []byte, boundary string, parts []part) ([]byte, error) {
	joined := bytes.NewBuffer(append(bytes.Clone(head), "\r\n\r\n"...))
	writer := multipart.NewWriter(joined)
	if err := writer.SetBoundary(boundary); err != nil {
		return nil, err
	}
	for _, p := range parts {
		w, err := writer.CreatePart(p.header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.body); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return joined.Bytes(), err
}

// file decodes an attachment.
func (p part) file() (file, error) {
	var body io.Reader = bytes.NewReader(p.body)
	switch strings.ToLower(p.header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return file{}, errors.New("an attachment cannot be decoded")
	}
	_, parameters, _ := mime.ParseMediaType(p.header.Get("Content-Disposition"))
	name, err := (&mime.WordDecoder{}).DecodeHeader(parameters["filename"])
	if err != nil || name == "" {
		name = "attachment"
	}
	contentType, _, err := mime.ParseMediaType(p.header.Get("Content-Type"))
	if err != nil {
		contentType = "application/octet-stream"
	}
	return file{name, contentType, data}, nil
}
