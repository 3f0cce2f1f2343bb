package serve

import (
	"fmt"
	"log/slog"

	"switchboard/channels/messenger/graph"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/secrets"
	"switchboard/store"
)

// pagesOf returns the pages with what the configuration has for them.
func pagesOf(cfg config.Config, store *store.Store, keys *secrets.Keyset, log *slog.Logger) (*pages.Service, error) {
	api, err := graph.New(cfg.Messenger.GraphURL, cfg.Messenger.AppSecret)
	if err != nil {
		return nil, fmt.Errorf("SWITCHBOARD_MESSENGER_GRAPH_URL: %w", err)
	}
	return &pages.Service{
		Store: store, Keys: keys, API: api, Log: log, Now: now,
		AppID: cfg.Messenger.AppID, DialogURL: cfg.Messenger.DialogURL, RedirectURL: callback(cfg, inbox.ProviderFacebook),
	}, nil
}
