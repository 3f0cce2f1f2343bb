// Package forwards finds who first wrote a message that somebody forwarded by
// hand (E8).
//
// Mail programs put a block of header fields above a message that they forward.
// Only that block says who wrote it; an address that stands in the text never
// does. Most programs also say in words that they forward ("Forwarded message");
// Outlook puts the same block above answers, so there the subject has to say it.
package forwards

import "time"

// Original is the forwarded message, as the forwarder's mail program quoted it.
// Its sender is claimed, not authenticated.
type Original struct {
	// Name may be ""; Email is a valid address in lower case.
	Name, Email string
	// Subject is the original one; may be "".
	Subject string
	// At is zero when the date is missing, in a format that is not known, or
	// without a time zone, as Gmail and Outlook write it: then it is no instant.
	At time.Time
	// Note is what the forwarder wrote above; Text is the original message, without
	// the quote marks or the indentation that forwarding added. Line breaks are "\n".
	Note, Text string
	// Program is known for the format, which others may write, too: gmail,
	// outlook, apple_mail, thunderbird, yahoo, mailmate, ionos, or "".
	Program string
}

// Find reads the forwarded message in a mail's subject and plain text, line
// breaks "\n" or "\r\n". When it is not sure there is nothing to use, and the
// message is the forwarder's. It is sure when all of this holds:
//
//   - The first header block in the text has a sender and two of date, subject
//     and recipient. Of nested forwards that is the outermost: the message that
//     the forwarder had, whoever wrote the ones within.
//   - The sender has one address. A name alone, or two addresses ("on behalf
//     of") leave it open.
//   - No line as above an answer ("On … wrote:") comes before, and the block is
//     not quoted, unless the program that writes it does so.
//   - The subject does not begin as an answer's ("Re:"), and, when no words in
//     the text say that the message was forwarded, begins as a forward's
//     ("Fwd:").
func Find(subject, text string) (original Original, sure bool) {
	lines := split(text)
	for i := range lines {
		s := readSeparator(lines[i].text)
		if b, ok := blockAt(lines, i, s); ok {
			return read(subject, lines, i, s, b)
		}
		if s.mark != unmarked {
			return Original{}, false
		}
		if attribution(lines, i) {
			return readIndented(subject, lines, i)
		}
	}
	return Original{}, false
}

// read puts together what stands above lines[at], in the block, and below it.
func read(subject string, lines []line, at int, s separator, b block) (Original, bool) {
	name, email, ok := sender(b.values[fieldFrom])
	if !ok || !forwarded(intentOf(subject, b.languages), s, b) {
		return Original{}, false
	}
	return Original{
		Name: name, Email: email,
		Subject: b.values[fieldSubject],
		At:      readDate(b.values[fieldDate], b.languages),
		Note:    note(lines[:at]),
		Text:    message(lines[b.next:], b.depth > 0),
		Program: s.program(),
	}, true
}

// forwarded reports whether the block stands above a forwarded message, and not
// above one that was answered, or within a quotation.
func forwarded(said intent, s separator, b block) bool {
	switch {
	case b.doubtful || b.depth > 1 || said == answering:
		return false
	case s.mark != forwardMark:
		return said == forwarding
	default:
		// Apple Mail and MailMate, which write no dashes, quote what they forward.
		return b.depth == 0 || s.dashes == 0
	}
}
