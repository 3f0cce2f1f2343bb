package activities

import (
	"context"
	"fmt"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// Fetching is a message whose files are at the provider, and the queue that they
// are fetched on.
type Fetching struct {
	MessageID string `json:"message_id"`
	Queue     string `json:"queue"`
}

// fetching lists what a conversation's workflow has to fetch.
func (a *Activities) fetching(ctx context.Context, kind inbox.ChannelKind, conversationID string) ([]Fetching, error) {
	fetcher, ok := a.Kinds[kind].(channels.Fetcher)
	if !ok {
		return nil, nil
	}
	messages, err := a.Store.MessagesWithFiles(ctx, conversationID)
	if err != nil {
		return nil, err
	}
	var fetching []Fetching
	for _, message := range messages {
		channel, err := a.Store.Channel(ctx, message.ChannelID)
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return nil, fmt.Errorf("load channel: %w", err)
		}
		fetching = append(fetching, Fetching{MessageID: message.MessageID, Queue: fetcher.FetchQueue(channel)})
	}
	return fetching, nil
}

// FetchFiles fetches a message's files from the provider and keeps them as its
// attachments. What was fetched stays when others have to be tried again; a file
// that is gone, too large or not to be fetched is noted in the timeline.
func (a *Activities) FetchFiles(ctx context.Context, messageID string) error {
	message, err := a.Store.Message(ctx, messageID)
	if err != nil {
		return final(fmt.Errorf("load message: %w", err))
	}
	if len(message.Remote) == 0 {
		return nil
	}
	channel, err := a.Store.Channel(ctx, message.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return a.LoseFiles(ctx, messageID)
	}
	if err != nil {
		return fmt.Errorf("load channel: %w", err)
	}
	fetcher, ok := a.Kinds[channel.Kind].(channels.Fetcher)
	if !ok {
		return a.LoseFiles(ctx, messageID)
	}
	var later *channels.SendError
	for _, remote := range message.Remote {
		if failure, err := a.fetchFile(ctx, fetcher, channel, messageID, remote); err != nil {
			return err
		} else if failure != nil {
			later = failure
		}
	}
	if later != nil {
		return tryAgain(later)
	}
	return nil
}

// fetchFile settles one file, or returns the failure that is worth another try.
func (a *Activities) fetchFile(
	ctx context.Context, fetcher channels.Fetcher, channel inbox.Channel, messageID string, remote inbox.RemoteFile,
) (*channels.SendError, error) {
	file, err := fetcher.Fetch(ctx, channel, remote)
	if err == nil {
		kept := store.File{Name: file.Name, ContentType: file.ContentType, Data: file.Data}
		return nil, a.Store.KeepFile(ctx, messageID, remote, kept, a.Now())
	}
	failure := failureOf(err)
	a.Log.WarnContext(ctx, "fetching a file failed", "message_id", messageID, "code", failure.Code, "outcome", failure.Outcome)
	if failure.Outcome != channels.Final {
		return failure, nil
	}
	return nil, a.Store.LoseFile(ctx, messageID, remote, failure.Code, a.Now())
}

// LoseFiles gives up on a message's files: their provider could not be reached
// for too long.
func (a *Activities) LoseFiles(ctx context.Context, messageID string) error {
	message, err := a.Store.Message(ctx, messageID)
	if err != nil {
		return final(fmt.Errorf("load message: %w", err))
	}
	for _, remote := range message.Remote {
		if err := a.Store.LoseFile(ctx, messageID, remote, inbox.CodeFileUnavailable, a.Now()); err != nil {
			return err
		}
	}
	return nil
}
