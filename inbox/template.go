package inbox

import "time"

// ApprovedTemplate is a template that the provider approved, as agents choose it
// (W2).
type ApprovedTemplate struct {
	// ID is the provider's.
	ID       string `json:"id"`
	Name     string `json:"name"`
	Language string `json:"language"`
	// Body is the text with its placeholders, such as {{1}}. Variables names those,
	// and those of what stands beside the text, such as a button's address.
	Body      string   `json:"body"`
	Variables []string `json:"variables"`
}

// TemplateList is what the provider of a kind of channel approved.
type TemplateList struct {
	Templates []ApprovedTemplate
	// FetchedAt is when the provider said so; zero is never.
	FetchedAt time.Time
	// FailedAt is when it was asked in vain since, and Failure why; zero is not.
	FailedAt time.Time
	Failure  Code
}
