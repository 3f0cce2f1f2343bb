package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/config"
)

func TestDefaultsAreUsable(t *testing.T) {
	t.Parallel()
	c, err := config.Load(nil)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", c.HTTPAddress)
	require.Equal(t, config.RoleAll, c.Role)
}

func TestTheEnvironmentOverridesDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"SWITCHBOARD_TEMPORAL_ADDRESS=temporal:7233",
		"SWITCHBOARD_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1/32",
		"HTTP_ADDRESS=ignored:1",
	})
	require.NoError(t, err)
	require.Equal(t, "temporal:7233", c.Temporal.Address)
	require.Len(t, c.TrustedProxies, 2)
	require.Equal(t, "127.0.0.1:8080", c.HTTPAddress)
}

func TestTheAddressFromOutsideMayEndWithASlash(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"https://desk.example.com", "https://desk.example.com/", "https://desk.example.com//"} {
		c, err := config.Load([]string{"SWITCHBOARD_PUBLIC_URL=" + given})
		require.NoError(t, err)
		require.Equal(t, "https://desk.example.com", c.PublicURL)
	}
}

func TestAWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{
		"SWITCHBOARD_DATABASE_URL=mysql://localhost/switchboard",
		"SWITCHBOARD_HTTP_ADDRESS=8080",
		"SWITCHBOARD_TEMPORAL_ADDRESS=temporal",
		"SWITCHBOARD_SMTP_ADDRESS=mail.example.com:",
		"SWITCHBOARD_SMTP_FROM=Support <support@example.com>",
		"SWITCHBOARD_MAIL_DOMAIN=in@example.com",
		"SWITCHBOARD_SHUTDOWN_GRACE=0s",
		"SWITCHBOARD_SHUTDOWN_GRACE=soon",
		"SWITCHBOARD_MAILBOX_POLL=0s",
		"SWITCHBOARD_GOOGLE_TOKEN_URL=oauth2.googleapis.com",
		"SWITCHBOARD_MICROSOFT_GRAPH_URL=graph",
		"SWITCHBOARD_TRUSTED_PROXIES=10.0.0.0",
		"SWITCHBOARD_ROLE=boss",
		"SWITCHBOARD_PUBLIC_URL=example.com",
		"SWITCHBOARD_AGENT_URL=https://desk.example.com/conversations/",
		"SWITCHBOARD_AGENT_URL=desk/{id}",
		"SWITCHBOARD_SMTP_TLS=maybe",
		"SWITCHBOARD_LOG_LEVEL=loud",
		"SWITCHBOARD_PUBLIC_RATE=0",
		"SWITCHBOARD_TEMPORAL_TLS_CERT=cert.pem",
		"SWITCHBOARD_INBOUND_SMTP_ADDRESS=25",
		"SWITCHBOARD_INBOUND_SMTP_TLS_KEY=key.pem",
		"SWITCHBOARD_INBOUND_SMTP_MAX_BYTES=1000",
		"SWITCHBOARD_INBOUND_SMTP_MAX_BYTES=35MB",
		"SWITCHBOARD_INBOUND_SMTP_MAX_CONNECTIONS=0",
	} {
		_, err := config.Load([]string{setting})
		name, _, _ := strings.Cut(setting, "=")
		require.ErrorContains(t, err, name)
	}
}

func TestEveryWrongSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{"SWITCHBOARD_ROLE=boss", "SWITCHBOARD_SMTP_TLS=none", "SWITCHBOARD_SMTP_USERNAME=switchboard"})
	require.ErrorContains(t, err, "SWITCHBOARD_ROLE")
	require.ErrorContains(t, err, "SWITCHBOARD_SMTP_USERNAME")
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	for _, name := range names(reflect.TypeFor[config.Config](), "SWITCHBOARD_") {
		require.Contains(t, string(doc), "`"+name+"`")
	}
}

// names lists the environment variables of a struct's fields.
func names(t reflect.Type, prefix string) []string {
	var all []string
	for field := range t.Fields() {
		if name := field.Tag.Get("env"); name != "" {
			all = append(all, prefix+name)
		} else {
			all = append(all, names(field.Type, prefix+field.Tag.Get("envPrefix"))...)
		}
	}
	return all
}
