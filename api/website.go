package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// GetEmbed answers what to paste into a website.
func (s *server) GetEmbed(c *gin.Context, id string) {
	_, embed, err := s.embed(c, id)
	answer(c, http.StatusOK, embed, err, func(embed channels.Embed) contract.Embed {
		return contract.Embed{HTML: embed.HTML, Instructions: embed.Instructions}
	})
}

// embed is what to paste for a channel the caller sees.
func (s *server) embed(c *gin.Context, id string) (inbox.Channel, channels.Embed, error) {
	channel, err := s.visibleChannel(c, id)
	if err != nil {
		return channel, channels.Embed{}, err
	}
	embedder, ok := s.kinds[channel.Kind].(channels.Embedder)
	if !ok {
		return channel, channels.Embed{}, inbox.NotFound("thing to paste for this kind of channel")
	}
	site, err := s.site(c.Request.Context())
	if err != nil {
		return channel, channels.Embed{}, err
	}
	embed, err := embedder.Embed(channel, site)
	return channel, embed, err
}

func (s *server) site(ctx context.Context) (channels.Site, error) {
	account, err := s.store.Account(ctx)
	return channels.Site{URL: s.publicURL, Company: account.Name}, err
}
