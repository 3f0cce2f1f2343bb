package intake

import (
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// Sealer makes unreadable what contacts wrote before they agreed;
// *secrets.Keyset is one.
type Sealer interface {
	Seal(plain []byte, owner string) ([]byte, error)
}

// Holding makes the service hold back what contacts write who have to agree first
// (M8). Without a sealer such messages are refused: they are never kept in the
// clear.
func (s *Service) Holding(kinds map[inbox.ChannelKind]channels.Kind, sealer Sealer) *Service {
	s.kinds, s.sealer = kinds, sealer
	return s
}

// gate adds to a message how it is held back, should its contact have to agree
// first.
func (s *Service) gate(in store.Inbound) (store.Inbound, error) {
	rule, err := s.consentRule(in.Channel)
	if err != nil || rule.Mode != inbox.ConsentExplicit {
		return in, err
	}
	if s.sealer == nil {
		return in, inbox.Errorf(inbox.CodeUnavailable, "This channel needs consent, and there are no keys to keep messages until it is given.")
	}
	content, err := in.Content()
	if err != nil {
		return in, err
	}
	sealed, err := s.sealer.Seal(content, store.HeldOwner(in.Channel.ID, in.ProviderMessageID))
	if err != nil {
		return in, fmt.Errorf("seal message: %w", err)
	}
	in.Gate = &store.Gate{
		Rule: rule, Sealed: sealed, Until: routing.HeldUntil(time.Now()),
		Agrees: routing.Agrees(rule, in.Payload, in.Text), Enough: routing.Consents,
	}
	return in, nil
}

func (s *Service) consentRule(channel inbox.Channel) (inbox.ConsentRule, error) {
	consenter, ok := s.kinds[channel.Kind].(channels.Consenter)
	if !ok {
		return inbox.ConsentRule{}, nil
	}
	return consenter.Consent(channel)
}

// quarantinable is what quarantine may keep of something that came in: nothing,
// where contacts have to agree first, since nobody looked whether this one did
// (M8).
func (s *Service) quarantinable(channel inbox.Channel, raw []byte) []byte {
	if rule, err := s.consentRule(channel); err != nil || rule.Mode == inbox.ConsentExplicit {
		return nil
	}
	return raw
}
