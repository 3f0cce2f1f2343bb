package incoming

import (
	"regexp"
	"slices"
	"strings"
)

// bounce reads a delivery report; nil when the message is none. Most servers
// send what RFC 3464 asks for. Some write prose: Exim and old Gmail name the
// recipients in X-Failed-Recipients, qmail in its text; both quote the message
// below. Somebody who passes such a report on does not report.
func bounce(root part, inReplyTo []string) *Bounce {
	daemon := fromDaemon(root.header)
	if root.kind == "multipart/report" || daemon {
		if b := standardBounce(root, inReplyTo); b != nil {
			return b
		}
	}
	if daemon {
		return proseBounce(root, inReplyTo)
	}
	return nil
}

// fromDaemon reports whether a mail server's own program is the sender.
func fromDaemon(head header) bool {
	from := first(addresses(head["from"]))
	local, _, _ := strings.Cut(from.Email, "@")
	return from.Email == "" || local == "mailer-daemon" || local == "postmaster" || head.first("return-path") == "<>"
}

func isDeliveryStatus(kind string) bool {
	return kind == "message/delivery-status" || kind == "message/global-delivery-status"
}

func isOriginal(kind string) bool {
	return slices.Contains([]string{"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}, kind)
}

// findKind returns the first part of a kind, nil when there is none.
func findKind(p part, kind func(string) bool) *part {
	if kind(p.kind) {
		return &p
	}
	for _, sub := range p.parts {
		if found := findKind(sub, kind); found != nil {
			return found
		}
	}
	return nil
}

// severity orders what a report may say, worst first (RFC 3464, 2.3.3).
var severity = []string{"failed", "delayed", "expanded", "relayed", "delivered"}

func standardBounce(root part, inReplyTo []string) *Bounce {
	var worst *Bounce
	var visit func(part)
	visit = func(p part) {
		if isDeliveryStatus(p.kind) {
			for _, b := range recipients(p) {
				if worst == nil || slices.Index(severity, b.Action) < slices.Index(severity, worst.Action) {
					worst = &b
				}
			}
		}
		for _, sub := range p.parts {
			visit(sub)
		}
	}
	visit(root)
	if worst == nil {
		return nil
	}
	worst.MessageID = first(inReplyTo)
	if original := findKind(root, isOriginal); original != nil {
		data, _ := decode(original.header.token("content-transfer-encoding"), original.body)
		head, _ := cutHeader(data, true)
		fields, _ := readHeader(head)
		if id := first(ids(fields["message-id"])); id != "" {
			worst.MessageID = id
		}
	}
	return worst
}

var blankLines = regexp.MustCompile(`\n(?:[ \t]*\r?\n)+`)

// recipients reads the fields of each recipient; blocks without an Action are
// about the whole message, or prose.
func recipients(p part) []Bounce {
	data, _ := decode(p.header.token("content-transfer-encoding"), p.body)
	var all []Bounce
	for _, block := range blankLines.Split(string(data), maxParts) {
		fields, _ := readHeader([]byte(strings.TrimSpace(block)))
		action := fields.token("action")
		if !slices.Contains(severity, action) {
			continue
		}
		b := Bounce{Action: action, Status: fields.token("status")}
		for _, name := range []string{"final-recipient", "original-recipient"} {
			// "rfc822; ada@example.com"
			if _, address, typed := strings.Cut(fields.first(name), ";"); typed {
				if found := addresses([]string{address}); len(found) > 0 {
					b.Recipient = found[0].Email
				}
			}
		}
		all = append(all, b)
	}
	return all
}

// originals are the lines below which servers that write prose quote the
// message: Exim's, qmail's, old Gmail's.
var originals = regexp.MustCompile(`(?m)^(?:-+ This is a copy of (?:the|your) message.*(?:\n-+ .*)*|--- Below this line is a copy of the message\.|-+ Original message -+)\s*$`)

var (
	qmail          = regexp.MustCompile(`(?m)^Hi\. This is the qmail-send program at `)
	qmailRecipient = regexp.MustCompile(`(?m)^<([^<>\s]+@[^<>\s]+)>:\r?$`)
	statusCode     = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
)

func proseBounce(root part, inReplyTo []string) *Bounce {
	failed := addresses(root.header["x-failed-recipients"])
	data, _ := decode(root.header.token("content-transfer-encoding"), root.body)
	text := string(data)
	if len(failed) == 0 && qmail.MatchString(text) {
		if found := qmailRecipient.FindStringSubmatch(text); found != nil {
			failed = addresses(found[1:])
		}
	}
	if len(failed) == 0 {
		return nil
	}
	b := &Bounce{Action: "failed", Recipient: failed[0].Email, MessageID: first(inReplyTo)}
	if at := originals.FindStringIndex(text); at != nil {
		head, _ := cutHeader([]byte(strings.TrimLeft(text[at[1]:], "\r\n")), true)
		fields, _ := readHeader(head)
		if id := first(ids(fields["message-id"])); id != "" {
			b.MessageID = id
		}
		text = text[:at[0]]
	}
	b.Status = statusCode.FindString(text)
	return b
}
