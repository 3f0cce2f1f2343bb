package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// screens are the devices a channel is previewed for, in CSS pixels (C9).
var screens = map[contract.Device]struct{ width, height int }{
	contract.DeviceDesktop: {1280, 800},
	contract.DeviceTablet:  {768, 1024},
	contract.DevicePhone:   {390, 844},
}

// PreviewChannel shows what people outside see.
func (s *server) PreviewChannel(c *gin.Context, id string, params contract.PreviewChannelParams) {
	channel, err := s.visibleChannel(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	previewer, ok := s.kinds[channel.Kind].(channels.Previewer)
	if !ok {
		refuse(c, inbox.NotFound("preview of this kind of channel"))
		return
	}
	site, err := s.site(c.Request.Context())
	if err != nil {
		refuse(c, err)
		return
	}
	device := contract.DeviceDesktop
	if params.Device != nil {
		device = *params.Device
	}
	html, err := previewer.Preview(channel, site)
	answer(c, http.StatusOK, html, err, func(html string) contract.Preview {
		return contract.Preview{Device: device, Width: screens[device].width, Height: screens[device].height, HTML: html}
	})
}

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
