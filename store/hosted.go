package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"switchboard/inbox"
)

// hostedTokenBytes make an address that nobody guesses.
const hostedTokenBytes = 16

// hostedAlphabet survives mail servers that change the case of a local part.
var hostedAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newHostedToken returns 26 characters.
func newHostedToken() string {
	token := make([]byte, hostedTokenBytes)
	_, _ = rand.Read(token) // never fails
	return hostedAlphabet.EncodeToString(token)
}

// ChannelByHostedToken returns the channel a hosted address leads to, in
// whatever case it was written (E3). A deleted channel's leads nowhere.
func (s *Store) ChannelByHostedToken(ctx context.Context, token string) (inbox.Channel, error) {
	row, err := take[channelRow](s.reading(ctx).
		Where("hosted_token = ? AND hosted_token <> '' AND deleted_at IS NULL", strings.ToLower(storable(token))), "channel")
	return row.channel(), err
}

// KeepConfirmation keeps a provider's question whether mail may be forwarded to
// the channel, in place of an earlier one. It is no edit: the revision stays.
func (s *Store) KeepConfirmation(ctx context.Context, channelID string, confirmation inbox.ForwardingConfirmation) error {
	confirmation.Provider, confirmation.Code = storable(confirmation.Provider), storable(confirmation.Code)
	confirmation.URL, confirmation.At = storable(confirmation.URL), stored(confirmation.At)
	update := s.write.WithContext(ctx).Model(&channelRow{}).Where("id = ? AND deleted_at IS NULL", channelID).
		Update("confirmation", jsonOf[*inbox.ForwardingConfirmation]{&confirmation})
	return changed(update, "channel")
}
