package outbox

import "net/http"

// templates are the account's, all on one page: two that WhatsApp approved, and one
// that it did not yet (twilio.com/docs/content/content-api-resources). That they are
// asked for again and again is not kept.
func templates(w http.ResponseWriter, _ *http.Request) {
	content := func(sid, name, status, kind string, shape, samples map[string]any) map[string]any {
		return map[string]any{
			"sid": sid, "account_sid": nil, "friendly_name": name, "language": "en", "variables": samples,
			"date_created": "2026-11-01T10:00:00Z", "date_updated": "2026-11-01T10:00:00Z", "types": map[string]any{kind: shape},
			"approval_requests": map[string]any{
				"name": name, "category": "UTILITY", "content_type": kind, "status": status, "rejection_reason": "",
				"allow_category_change": true,
			},
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"contents": []any{
			content("HX00000000000000000000000000000001", "order_update", "approved", "twilio/text", map[string]any{
				"body": "Hello {{1}}, there is news of your order {{2}}. May we tell you more?",
			}, map[string]any{"1": "Grace", "2": "4711"}),
			content("HX00000000000000000000000000000002", "how_was_it", "approved", "twilio/quick-reply", map[string]any{
				"body": "Hello {{1}}, did we answer your question?",
				"actions": []any{
					map[string]any{"title": "Yes", "id": "yes"}, map[string]any{"title": "No", "id": "no"},
				},
			}, map[string]any{"1": "Grace"}),
			content("HX00000000000000000000000000000003", "summer_sale", "pending", "twilio/text", map[string]any{
				"body": "The summer sale begins.",
			}, map[string]any{}),
		},
		"meta": map[string]any{
			"page": 0, "page_size": 50, "key": "contents", "next_page_url": nil, "previous_page_url": nil,
			"first_page_url": "https://content.twilio.com/v1/ContentAndApprovals?PageSize=50&Page=0",
			"url":            "https://content.twilio.com/v1/ContentAndApprovals?PageSize=50&Page=0",
		},
	})
}
