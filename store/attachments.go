package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// File is a file of a message.
type File struct {
	Name, ContentType string
	// ContentID is what "cid:" in the message's HTML refers to; may be "".
	ContentID string
	Data      []byte
}

// attach stores a message's files, their bytes once per content.
func (t *tx) attach(messageID string, files []File) error {
	if len(files) == 0 {
		return nil
	}
	var blobs []blobRow
	var attachments []attachmentRow
	for _, file := range files {
		digest := sha256.Sum256(file.Data)
		blob := blobRow{Digest: hex.EncodeToString(digest[:]), Data: file.Data}
		if blob.Data == nil {
			blob.Data = []byte{}
		}
		blobs = append(blobs, blob)
		attachments = append(attachments, attachmentRow{
			ID: NewID(), MessageID: messageID, Name: file.Name, ContentType: file.ContentType,
			ContentID: file.ContentID, Size: int64(len(file.Data)), Digest: blob.Digest,
		})
	}
	// In one order, so that two messages with the same files do not wait for
	// each other.
	slices.SortFunc(blobs, func(a, b blobRow) int { return cmp.Compare(a.Digest, b.Digest) })
	if err := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&blobs).Error; err != nil {
		return fmt.Errorf("store files: %w", err)
	}
	if err := t.Create(&attachments).Error; err != nil {
		return fmt.Errorf("attach files: %w", err)
	}
	return nil
}

// AttachmentData returns an attachment and its bytes.
func (s *Store) AttachmentData(ctx context.Context, id string) (inbox.Attachment, []byte, error) {
	row, err := take[attachmentRow](s.reading(ctx).Where("id = ?", id), "attachment")
	if err != nil {
		return inbox.Attachment{}, nil, err
	}
	blob, err := take[blobRow](s.reading(ctx).Where("digest = ?", row.Digest), "attachment")
	return row.attachment(), blob.Data, err
}

// Files returns a message's files with their bytes.
func (s *Store) Files(ctx context.Context, messageID string) ([]File, error) {
	var files []File
	err := s.reading(ctx).Raw(`SELECT a.name, a.content_type, a.content_id, b.data
		FROM attachments a JOIN blobs b ON b.digest = a.digest WHERE a.message_id = ? ORDER BY a.id`, messageID).
		Scan(&files).Error
	if err != nil {
		return nil, fmt.Errorf("load files: %w", err)
	}
	return files, nil
}
