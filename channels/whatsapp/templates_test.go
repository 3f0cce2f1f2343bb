package whatsapp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

func TestTheTemplatesThatWhatsAppApprovedAreListed(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	body := func(text string) map[string]any { return map[string]any{"body": text} }
	for i, c := range []faketwilio.Content{
		{Name: "order_ready", Language: "pt_BR", Status: "approved", Type: "twilio/text", Shape: body("Olá {{1}}")},
		{Name: "order_ready", Language: "en", Status: "approved", Type: "twilio/text", Shape: body("Hello {{2}}, {{1}}")},
		{Name: "not_yet", Language: "en", Status: "pending", Type: "twilio/text", Shape: body("Hello")},
		{Name: "never", Language: "en", Status: "rejected", Type: "twilio/text", Shape: body("Hello")},
		{Name: "nobody_asked", Language: "en", Status: "unsubmitted", Type: "twilio/text", Shape: body("Hello")},
		{Name: "invoice", Language: "en", Status: "approved", Type: "twilio/media", Shape: map[string]any{
			"body": "Your invoice, {{name}}", "media": []any{"https://example.com/{{file}}.pdf"},
		}},
		{Name: "card", Language: "en", Status: "approved", Type: "twilio/card", Shape: map[string]any{
			"title": "Order {{1}}", "subtitle": "Thank you",
			"actions": []any{map[string]any{"type": "URL", "title": "Track", "url": "https://example.com/{{2}}"}},
		}},
		{Name: "code", Language: "en", Status: "approved", Type: "whatsapp/authentication", Shape: map[string]any{"code_expiration_minutes": 5}},
	} {
		c.SID = fmt.Sprintf("HX%032d", i+1)
		server.Submit(c)
	}
	templates, err := kind.ApprovedTemplates(t.Context())
	require.NoError(t, err)
	require.Equal(t, []inbox.ApprovedTemplate{
		{ID: "HX00000000000000000000000000000007", Name: "card", Language: "en", Body: "Order {{1}}\nThank you", Variables: []string{"1", "2"}},
		{ID: "HX00000000000000000000000000000006", Name: "invoice", Language: "en", Body: "Your invoice, {{name}}", Variables: []string{"name", "file"}},
		{ID: "HX00000000000000000000000000000002", Name: "order_ready", Language: "en", Body: "Hello {{2}}, {{1}}", Variables: []string{"2", "1"}},
		{ID: "HX00000000000000000000000000000001", Name: "order_ready", Language: "pt_BR", Body: "Olá {{1}}", Variables: []string{"1"}},
	}, templates)
}

func TestTemplatesThatTwilioDoesNotTellAreAFailure(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	server.Fail(faketwilio.Fault{Status: 429, Code: 20429})
	_, err := kind.ApprovedTemplates(t.Context())
	require.Equal(t, inbox.CodeRateLimited, failure(t, err).Code)
	server.Fail(faketwilio.Fault{Status: 500})
	_, err = kind.ApprovedTemplates(t.Context())
	require.Equal(t, channels.Retry, failure(t, err).Outcome)
	none, err := kind.ApprovedTemplates(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = (&whatsapp.Channel{}).ApprovedTemplates(t.Context())
	require.Equal(t, inbox.CodeProviderNotSetUp, failure(t, err).Code)
}
