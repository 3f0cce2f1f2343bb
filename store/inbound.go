package store

import (
	"strings"
	"time"

	"switchboard/inbox"
)

// quiet reports whether the message neither begins nor wakes a conversation.
func (in Inbound) quiet() bool { return (in.Automatic || in.Standby) && !in.Wanted }

// storable returns the message as both databases can keep it.
func (in Inbound) storable(now time.Time) Inbound {
	if in.At.After(now) && !in.WindowExpires.IsZero() {
		in.WindowExpires = in.WindowExpires.Add(now.Sub(in.At))
	}
	if in.At.IsZero() || in.At.After(now) {
		in.At = now
	}
	for _, text := range []*string{
		&in.ThreadKey, &in.ProviderMessageID, &in.Subject, &in.Sender.Name, &in.ReplyTo, &in.Text, &in.HTML, &in.Quoted,
		&in.Payload, &in.InReplyTo,
	} {
		*text = storable(*text)
	}
	in.Sender.Identities = convert(in.Sender.Identities, storableIdentity)
	if by := in.Sender.ForwardedBy; by != nil {
		identity := storableIdentity(*by)
		in.Sender.ForwardedBy = &identity
	}
	in.Fields = convert(in.Fields, func(field inbox.SubmittedField) inbox.SubmittedField {
		field.Name, field.Label = storable(field.Name), storable(field.Label)
		field.Values = convert(field.Values, storable)
		return field
	})
	in.Files = convert(in.Files, func(file File) File {
		file.Name, file.ContentType, file.ContentID = storable(file.Name), storable(file.ContentType), storable(file.ContentID)
		return file
	})
	in.Remote = convert(in.Remote, func(file inbox.RemoteFile) inbox.RemoteFile {
		return inbox.RemoteFile{URL: storable(file.URL), Name: storable(file.Name), ContentType: storable(file.ContentType)}
	})
	if len(in.Remote) == 0 {
		in.Remote = nil // NULL: nothing is awaited
	}
	return in
}

// storable drops what PostgreSQL refuses in a text: NUL, and bytes that are not
// UTF-8. A message must not be lost for them.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func storableIdentity(identity inbox.Identity) inbox.Identity {
	return inbox.Identity{Kind: identity.Kind, Value: storable(identity.Value)}
}
