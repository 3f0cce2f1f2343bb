package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// IdentifyVisitor notes who a visitor is, and answers the token to go on with:
// whoever knew the one before must not read what an identified visitor writes.
func (p *public) IdentifyVisitor(c *gin.Context, _ string) {
	visitor, err := p.visitorOf(c)
	if err == nil {
		err = asked(c).takesIn()
	}
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.VisitorIdentity](c)
	if err != nil {
		refuse(c, err)
		return
	}
	channel, ctx := asked(c), c.Request.Context()
	said, err := p.identification(ctx, channel, in)
	if err != nil {
		refuse(c, err)
		return
	}
	token, next, other := visitorToken(c), chat.NextVisitorToken(channel.ID), chat.NewVisitorToken(channel.ID)
	said.Visitor, said.At = visitor, time.Now()
	said.Next, said.Other = inbox.CookieIdentity(next).Value, firstVisitor(channel.ID, other)
	is, err := p.store.IdentifyVisitor(ctx, said)
	switch is {
	case store.TokenReplaced:
		token = next
	case store.VisitorReplaced:
		token = other
	}
	answer(c, http.StatusOK, token, err, func(token string) contract.VisitorIdentified {
		return contract.VisitorIdentified{VisitorToken: token, NewVisitor: is == store.VisitorReplaced}
	})
}

// identification is what is said about the visitor: vouched for with a hash, or
// claimed.
func (p *public) identification(ctx context.Context, channel publicChannel, in contract.VisitorIdentity) (store.VisitorIdentification, error) {
	said := store.VisitorIdentification{ChannelID: channel.ID, Name: channels.CleanName(given(in.Name))}
	address, userID, hash := strings.TrimSpace(given(in.Email)), given(in.UserID), given(in.Hash)
	switch {
	case address == "" && userID == "":
		return said, inbox.Invalid("email", "Say an e-mail address, or a user id.")
	case address != "" && (hash == "" && !channels.ReachableEmail(address) || !channels.ValidEmail(address)):
		return said, inbox.Invalid("email", "Enter an e-mail address such as name@example.com.")
	case hash == "" && channel.chat.VerifyIdentity:
		return said, unproved("This chat wants to know from the website who its visitors are.")
	case hash == "" && userID != "":
		return said, inbox.Invalid("hash", "A user id needs its hash.")
	}
	email := inbox.EmailIdentity(address)
	if hash == "" {
		said.Claimed = []inbox.Identity{email}
		return said, nil
	}
	subject := given(in.Email)
	said.Verified = email
	if userID != "" {
		subject, said.Verified = userID, inbox.UserIdentity(channel.ID, userID)
		if address != "" { // the hash says nothing about it
			said.Claimed = []inbox.Identity{email}
		}
	}
	return said, p.vouched(ctx, channel.ID, subject, hash)
}

// vouched holds a hash against the channel's secrets.
func (p *public) vouched(ctx context.Context, channelID, subject, hash string) error {
	secrets, err := p.store.IdentitySecrets(ctx, channelID)
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		if p.sealer == nil {
			return noKeys()
		}
		plain, err := p.sealer.Open(secret.Sealed, secretOwner(channelID))
		if err != nil {
			return err
		}
		if chat.Vouches(string(plain), subject, hash) {
			return nil
		}
	}
	return unproved("The hash is not that of the visitor under a secret of this chat.")
}

func unproved(sentence string) error {
	refusal := inbox.Errorf(inbox.CodeIdentityUnproved, "%s", sentence)
	refusal.Remedy = "The website's server computes the hash: HMAC-SHA256 of the user id, else of the address, under the channel's identity secret, in hex."
	return refusal
}
