package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	content "github.com/twilio/twilio-go/rest/content/v1"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

const (
	// contentsPerPage and maxContents are how many of the account's templates are
	// read at once and at all.
	contentsPerPage = 200
	maxContents     = 10_000
)

// ApprovedTemplates implements channels.Templater: those of the account that
// WhatsApp approved (twilio.com/docs/content/content-api-resources), by name.
func (c *Channel) ApprovedTemplates(ctx context.Context) ([]inbox.ApprovedTemplate, error) {
	if c.Twilio == nil {
		return nil, &channels.SendError{
			Code: inbox.CodeProviderNotSetUp, Outcome: channels.Final, Err: errors.New("no account at Twilio"),
		}
	}
	params := (&content.ListContentAndApprovalsParams{}).SetPageSize(contentsPerPage).SetLimit(maxContents)
	contents, err := c.Twilio.Content(ctx).ListContentAndApprovals(params)
	if err != nil {
		return nil, twilio.Failed(err, channels.Retry)
	}
	templates := []inbox.ApprovedTemplate{}
	for _, one := range contents {
		if template, ok := approved(one); ok {
			templates = append(templates, template)
		}
	}
	slices.SortFunc(templates, func(a, b inbox.ApprovedTemplate) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language), cmp.Compare(a.ID, b.ID))
	})
	return templates, nil
}

// TemplateQueue implements channels.Templater.
func (*Channel) TemplateQueue() string { return Queue }

// approved reads one of the account's templates; ok is false when WhatsApp did not
// approve it, or it has no text that an agent could choose it by.
func approved(one content.ContentV1ContentAndApprovals) (template inbox.ApprovedTemplate, ok bool) {
	if one.ApprovalRequests == nil || one.Types == nil || (*one.ApprovalRequests)["status"] != "approved" {
		return template, false
	}
	request := *one.ApprovalRequests
	shape := shapeOf(*one.Types, word(request["content_type"]))
	template = inbox.ApprovedTemplate{
		ID: value(one.Sid), Name: channels.CleanLine(cmp.Or(word(request["name"]), value(one.FriendlyName))),
		Language: value(one.Language), Body: wordsOf(shape),
	}
	// The text's placeholders come first, in their order.
	template.Variables = channels.Placeholders(template.Body + strings.Join(textsIn(shape), " "))
	return template, contentSID.MatchString(template.ID) && template.Body != ""
}

// shapeOf is the one of a template's types that was approved.
func shapeOf(types map[string]any, approvedType string) map[string]any {
	if _, known := types[approvedType]; !known && len(types) == 1 {
		for only := range types {
			approvedType = only
		}
	}
	shape, _ := types[approvedType].(map[string]any)
	return shape
}

// wordsOf is what the contact reads, from top to bottom, whichever type it is:
// twilio/text, twilio/quick-reply, twilio/media and others have a body, cards a
// title and more.
func wordsOf(shape map[string]any) string {
	var lines []string
	for _, part := range []string{"header_text", "title", "body", "subtitle", "footer"} {
		if line := channels.CleanText(word(shape[part])); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// textsIn are all texts of a part of a template, in a fixed order.
func textsIn(part any) []string {
	switch part := part.(type) {
	case string:
		return []string{part}
	case []any:
		var texts []string
		for _, element := range part {
			texts = append(texts, textsIn(element)...)
		}
		return texts
	case map[string]any:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(part)) {
			texts = append(texts, textsIn(part[name])...)
		}
		return texts
	default:
		return nil
	}
}

// word is a text, or "" for anything else.
func word(value any) string {
	text, _ := value.(string)
	return text
}
