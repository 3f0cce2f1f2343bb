package incoming

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"switchboard/channels"
)

// unnamed are names for files that came without one.
var unnamed = map[string]string{
	"message/rfc822":          "message.eml",
	"message/global":          "message.eml",
	"message/delivery-status": "delivery-status.txt",
	"text/rfc822-headers":     "headers.txt",
	"text/calendar":           "invite.ics",
	"text/plain":              "text.txt",
	"text/html":               "page.html",
	"image/jpeg":              "image.jpg",
	"image/png":               "image.png",
	"image/gif":               "image.gif",
	"application/pdf":         "document.pdf",
	"application/ms-tnef":     "winmail.dat",
}

// disposition returns the Content-Disposition, and the name that it or the
// Content-Type gives, as it stands (RFC 2183, RFC 2231).
func (p part) disposition() (disposition, name string) {
	value := p.header.first("content-disposition")
	disposition, params := mediaType(value)
	for _, name := range []string{
		extended(value, "filename"), params["filename"],
		extended(p.header.first("content-type"), "name"), p.params["name"],
	} {
		if name != "" {
			return disposition, name
		}
	}
	return disposition, ""
}

// parameterPiece is a parameter, or a piece of one, that RFC 2231 encodes or
// continues: "filename*1*=…".
var parameterPiece = regexp.MustCompile(`(?i)[;\s](filename|name)\*(?:(\d{1,3})(\*)?)?=("[^"]*"|[^;\s]*)`)

// extended reads a parameter as RFC 2231 writes it, in any character set: the
// libraries know UTF-8 only.
func extended(value, name string) string {
	type piece struct {
		order int
		text  string
	}
	var pieces []piece
	label := ""
	for _, found := range parameterPiece.FindAllStringSubmatch(value[:min(len(value), maxParameters)], -1) {
		if !strings.EqualFold(found[1], name) {
			continue
		}
		order, _ := strconv.Atoi(found[2]) // without one it is whole
		text := strings.Trim(found[4], `"`)
		if found[2] == "" || found[3] != "" {
			if order == 0 {
				if parts := strings.SplitN(text, "'", 3); len(parts) == 3 {
					label, text = parts[0], parts[2]
				}
			}
			if plain, err := url.PathUnescape(text); err == nil {
				text = plain
			}
		}
		pieces = append(pieces, piece{order, text})
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return a.order - b.order })
	var whole []byte
	for _, p := range pieces {
		whole = append(whole, p.text...)
	}
	return toUTF8(whole, label)
}

// keep keeps a part as a file. Its ContentID is what the part says; whether the
// HTML refers to it shows later.
func (r *reader) keep(p part, data []byte) {
	_, name := p.disposition()
	if name = channels.CleanFileName(words(name)); name == "" && len(data) == 0 {
		return
	}
	kind := channels.ContentType(p.kind, data)
	if name == "" {
		if name = unnamed[kind]; name == "" {
			name = "attachment"
		}
	}
	r.mail.Files = append(r.mail.Files, File{
		Name: name, ContentType: kind, ContentID: first(ids(p.header["content-id"])), Data: data,
	})
}

var cidReference = regexp.MustCompile(`"cid:([^"]+)"`)

// nameContentIDs keeps the ContentIDs that the sanitised HTML refers to, spelt
// as it spells them.
func nameContentIDs(files []File, sanitised string) {
	spelt := map[string]string{}
	for _, found := range cidReference.FindAllStringSubmatch(sanitised, -1) {
		as := html.UnescapeString(found[1])
		spelt[as] = as
		if plain, err := url.PathUnescape(as); err == nil {
			spelt[plain] = as
		}
	}
	for i := range files {
		files[i].ContentID = spelt[files[i].ContentID]
	}
}
