package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"switchboard/channels/email"
	"switchboard/channels/email/forwards"
	"switchboard/channels/email/incoming"
	"switchboard/inbox"
	"switchboard/store"
)

// receive stores a mail as a message of the conversation it belongs to. One
// that a program wrote belongs to a conversation or waits in quarantine (B10).
func (m *Mail) receive(ctx context.Context, post Post, mail incoming.Mail) error {
	settings, err := email.ReadSettings(post.Channel.Settings)
	if err != nil {
		return err
	}
	in := message(post, mail)
	in.Wanted = post.wanted
	if in.ConversationID, err = m.conversation(ctx, post, mail); err != nil {
		return err
	}
	// An answer by way of a list is a person's.
	in.Automatic = mail.Automatic == incoming.AutomaticReply || mail.Automatic != "" && in.ConversationID == ""
	if in.ConversationID == "" && settings.OriginalSender {
		m.asForwarded(&in, mail)
	}
	receipt, err := m.service.Receive(ctx, in)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound && in.Automatic && !in.Wanted:
		return &unopened{fmt.Sprintf("mail that nobody wrote (%s) begins no conversation", mail.Automatic)}
	case inbox.CodeOf(err) == inbox.CodeNotFound && in.ConversationID != "":
		in.ConversationID = "" // it is gone since
		receipt, err = m.service.Receive(ctx, in)
	}
	if err != nil || !receipt.Duplicate || receipt.Erased {
		return err
	}
	return m.receiveTwin(ctx, in, mail, receipt.MessageID)
}

// receiveTwin stores a message whose id was used before for another text or
// another file: programs repeat ids, and it must not be lost for that.
func (m *Mail) receiveTwin(ctx context.Context, in store.Inbound, mail incoming.Mail, firstID string) error {
	first, err := m.service.store.Message(ctx, firstID)
	if err != nil {
		return fmt.Errorf("load the message under the same id: %w", err)
	}
	if isSame(first, mail) {
		return nil
	}
	content := whole(mail.Text, mail.Quoted)
	for _, file := range mail.Files {
		content += " " + digest(string(file.Data))
	}
	in.ProviderMessageID += " " + digest(content)[:16] // mail.MessageID leaves it out again
	if _, err := m.service.Receive(ctx, in); err != nil {
		return err
	}
	return nil
}

// isSame reports whether a stored message is the mail. Which part of a mail is
// its text depends on what was known of its thread, and on the channel's settings
// at that time; a forward has the whole as its quoted text.
func isSame(first inbox.Message, mail incoming.Mail) bool {
	for _, file := range mail.Files {
		sum := digest(string(file.Data))
		if !slices.ContainsFunc(first.Attachments, func(a inbox.Attachment) bool { return a.Digest == sum }) {
			return false
		}
	}
	all := whole(mail.Text, mail.Quoted)
	return all == whole(first.Text, first.Quoted) || all == whole("", first.Quoted)
}

// whole is all that a mail says, without what parts its words.
func whole(text, quoted string) string { return strings.Join(strings.Fields(text+" "+quoted), " ") }

// message is the mail as intake stores it.
func message(post Post, mail incoming.Mail) store.Inbound {
	from, replyTo := mail.From, mail.ReplyTo.Email
	// A group in front of the team's mailbox writes in its own name (E3).
	if from.Email == post.Channel.Account && replyTo != "" {
		from, replyTo = incoming.Address{Name: cmp.Or(mail.ReplyTo.Name, from.Name), Email: replyTo}, ""
	}
	in := store.Inbound{
		Channel: post.Channel, ThreadKey: threadKey(mail, from.Email), ProviderMessageID: mail.MessageID,
		Subject: mail.Subject, ReplyTo: cmp.Or(replyTo, from.Email),
		Sender: inbox.Sender{Name: from.Name, Identities: []inbox.Identity{inbox.EmailIdentity(from.Email)}},
		Text:   mail.Text, HTML: mail.HTML, Quoted: mail.Quoted, At: mail.At,
	}
	if in.At.IsZero() {
		in.At = post.ReceivedAt
	}
	in.Files = files(mail)
	return in
}

func files(mail incoming.Mail) []store.File {
	var files []store.File
	for _, file := range mail.Files {
		files = append(files, store.File{
			Name: file.Name, ContentType: file.ContentType, ContentID: file.ContentID, Data: file.Data,
		})
	}
	return files
}

// threadKey lets one sender's messages of one thread find each other in
// whatever order they come, before any of them is known by its id. Another
// sender's do not: many people answer one newsletter.
func threadKey(mail incoming.Mail, from string) string {
	root := mail.MessageID
	for _, earlier := range [][]string{mail.InReplyTo, mail.References} {
		if len(earlier) > 0 {
			root = earlier[0]
		}
	}
	return "mail:" + digest(root+" "+from)
}

// conversation returns the conversation a mail says it belongs to: by our token
// in the recipient, by what it answers, by what it refers to, the latest first.
// All are looked for in the channel's inbox only; "" is none. A subject never
// joins anything.
func (m *Mail) conversation(ctx context.Context, post Post, mail incoming.Mail) (string, error) {
	recipients := append([]string{post.Recipient}, mail.DeliveredTo...)
	for _, to := range slices.Concat(mail.To, mail.Cc) {
		recipients = append(recipients, to.Email)
	}
	for _, recipient := range recipients {
		token, id, ok := email.ParseHosted(recipient, m.domain)
		if !ok || id == "" || token != post.Channel.HostedToken {
			continue
		}
		c, err := m.service.store.Conversation(ctx, id)
		if err == nil && c.InboxID == post.Channel.InboxID {
			return id, nil
		}
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return "", fmt.Errorf("look up the recipient's conversation: %w", err)
		}
	}
	references := slices.Clone(mail.References)
	slices.Reverse(references)
	id, err := m.service.store.ThreadOf(ctx, post.Channel.InboxID, slices.Concat(mail.InReplyTo, references))
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return "", fmt.Errorf("look up the thread: %w", err)
	}
	return id, nil
}

// asForwarded logs a message that was forwarded by hand on who first wrote it
// (E8). What the forwarder sent stays whole as the quoted text. What the team
// itself wrote, and somebody forwards, is the forwarder's: its answer would come
// back to us.
func (m *Mail) asForwarded(in *store.Inbound, mail incoming.Mail) {
	forwarder := in.Sender.Identities[0]
	quoted := strings.TrimSpace(mail.Text + "\n\n" + mail.Quoted)
	original, sure := forwards.Find(mail.Subject, quoted)
	if attached, ok := attachedForward(mail); ok {
		sure = true
		in.Files = append(in.Files, files(attached)...)
		original = forwards.Original{
			Name: attached.From.Name, Email: attached.From.Email, Subject: attached.Subject, Text: attached.Text,
		}
	}
	if _, _, hosted := email.ParseHosted(original.Email, m.domain); !sure || hosted || original.Email == in.Channel.Account {
		in.Sender.UnclearForward = forwards.Announced(mail.Subject)
		return
	}
	in.Sender = inbox.Sender{
		Name: original.Name, Identities: []inbox.Identity{inbox.EmailIdentity(original.Email)},
		ForwardedBy: &forwarder, Claimed: true,
	}
	in.ReplyTo, in.ThreadKey = original.Email, threadKey(mail, original.Email)
	in.Subject = cmp.Or(original.Subject, in.Subject)
	in.Text, in.Quoted = original.Text, quoted
}

// attachedForward returns the message a mail was made to pass on: its only
// attached one, when the subject says so or nothing else is in the mail. A report
// that names no sender is none.
func attachedForward(mail incoming.Mail) (incoming.Mail, bool) {
	if len(mail.Attached) != 1 || mail.Attached[0].From.Email == "" {
		return incoming.Mail{}, false
	}
	return mail.Attached[0], forwards.Announced(mail.Subject) || strings.TrimSpace(mail.Text) == ""
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
