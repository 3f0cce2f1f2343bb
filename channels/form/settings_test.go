package form_test

import (
	"encoding/json"
	"errors"
	"testing"

	"switchboard/channels"
	"switchboard/channels/form"
	"switchboard/inbox"
)

var _ channels.Kind = (*form.Channel)(nil)

func TestCheckSettingsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	field := func(rest string) string { return `{"fields":[{"name":"email","type":"email"},` + rest + `]}` }
	cases := map[string]struct{ settings, field string }{
		"two fields of one name":    {field(`{"name":"email","type":"text"}`), "settings.fields.1.name"},
		"a field without a name":    {field(`{"type":"text"}`), "settings.fields.1.name"},
		"a name with spaces":        {field(`{"name":"your name","type":"text"}`), "settings.fields.1.name"},
		"a reserved name":           {field(`{"name":"visitor_token","type":"hidden"}`), "settings.fields.1.name"},
		"the pipeline as a field":   {field(`{"name":"pipeline","type":"hidden"}`), "settings.fields.1.name"},
		"the stage as a field":      {field(`{"name":"stage_id","type":"hidden"}`), "settings.fields.1.name"},
		"the honeypot as a field":   {field(`{"name":"extra_note","type":"text"}`), "settings.fields.1.name"},
		"an unknown type":           {field(`{"name":"x","type":"colour"}`), "settings.fields.1.type"},
		"no type":                   {field(`{"name":"x"}`), "settings.fields.1.type"},
		"a label of two lines":      {field(`{"name":"x","type":"text","label":"a\nb"}`), "settings.fields.1.label"},
		"a select without options":  {field(`{"name":"x","type":"select"}`), "settings.fields.1.options"},
		"a radio without options":   {field(`{"name":"x","type":"radio","options":[]}`), "settings.fields.1.options"},
		"a text with options":       {field(`{"name":"x","type":"text","options":[{"value":"a"}]}`), "settings.fields.1.options"},
		"an option twice":           {field(`{"name":"x","type":"select","options":[{"value":"a"},{"value":"a"}]}`), "settings.fields.1.options"},
		"an option without value":   {field(`{"name":"x","type":"select","options":[{"label":"a"}]}`), "settings.fields.1.options"},
		"two e-mail addresses":      {`{"fields":[{"name":"a","type":"email","maps_to":"email"},{"name":"b","type":"text","maps_to":"email"}]}`, "settings.fields.1.maps_to"},
		"an unknown mapping":        {field(`{"name":"x","type":"text","maps_to":"pipeline"}`), "settings.fields.1.maps_to"},
		"a number as the address":   {`{"fields":[{"name":"x","type":"number","maps_to":"email"}]}`, "settings.fields.0.maps_to"},
		"a file as the subject":     {field(`{"name":"x","type":"file","maps_to":"subject"}`), "settings.fields.1.maps_to"},
		"a default that is no date": {field(`{"name":"x","type":"date","default":"today"}`), "settings.fields.1.default"},
		"a default that is no choice": {
			field(`{"name":"x","type":"select","options":[{"value":"a"}],"default":"b"}`), "settings.fields.1.default",
		},
		"an origin with a path":     {`{"allowed_origins":["https://example.com/form"]}`, "settings.allowed_origins"},
		"a sender that is no mail":  {`{"from":{"address":"Support <support@example.com>"}}`, "settings.from.address"},
		"a sender of two lines":     {`{"from":{"name":"a\r\nBcc: b"}}`, "settings.from.name"},
		"a language that is no tag": {`{"language":"en\" onload"}`, "settings.language"},
		"a reserved honeypot":       {`{"honeypot":"page_url"}`, "settings.honeypot"},
		"an unknown setting":        {`{"pipeline_id":"x"}`, "settings"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := new(form.Channel).CheckSettings(json.RawMessage(tc.settings))
			e, ok := errors.AsType[*inbox.Error](err)
			if !ok || e.Code != inbox.CodeInvalid || e.Field != tc.field {
				t.Errorf("got %v, want invalid %s", err, tc.field)
			}
		})
	}
}

func TestANewFormAsksForAnAddressAndAMessage(t *testing.T) {
	t.Parallel()
	settings := checked(t, ``)
	got := map[inbox.FieldMapping]bool{}
	for _, field := range settings.Fields {
		got[field.MapsTo] = field.Required
	}
	if !got[inbox.MapsToEmail] || !got[inbox.MapsToMessage] {
		t.Errorf("a new form has the fields %v", settings.Fields)
	}
	if settings.Honeypot == "" || settings.Language != "en" || settings.BrowserLanguage {
		t.Errorf("defaults are missing: %+v", settings)
	}
}

func TestCheckedSettingsAreAcceptedAgainUnchanged(t *testing.T) {
	t.Parallel()
	once, err := new(form.Channel).CheckSettings(json.RawMessage(supportForm))
	if err != nil {
		t.Fatal(err)
	}
	twice, err := new(form.Channel).CheckSettings(once)
	if err != nil || string(once) != string(twice) {
		t.Errorf("got %s, %v; want %s", twice, err, once)
	}
}

func TestTheFirstEmailFieldIsTheAddressUnlessOneIsChosen(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"fields":[{"name":"work","type":"email"},{"name":"home","type":"email"}]}`)
	if settings.Fields[0].MapsTo != inbox.MapsToEmail || settings.Fields[1].MapsTo != "" {
		t.Errorf("got %+v", settings.Fields)
	}
	settings = checked(t, `{"fields":[{"name":"work","type":"email"},{"name":"home","type":"email","maps_to":"email"}]}`)
	if settings.Fields[0].MapsTo != "" {
		t.Errorf("got %+v", settings.Fields)
	}
}

func TestAFormWithoutAnAddressIsAllowed(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"fields":[{"name":"opinion","type":"textarea"}]}`)
	got, err := form.Parse(settings, form.Answers{Values: map[string][]string{"opinion": {"good"}}})
	if err != nil || got.ReplyTo != "" || len(got.Sender.Identities) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// supportForm has a field of every type.
const supportForm = `{
  "title": "Support", "intro": "We answer within a day.", "allowed_origins": ["https://www.example.com"],
  "fields": [
    {"name":"name","label":"Your name","type":"text","maps_to":"name","required":true},
    {"name":"email","label":"E-mail","type":"email","maps_to":"email","required":true},
    {"name":"phone","label":"Phone","type":"phone","maps_to":"phone"},
    {"name":"seats","label":"Seats","type":"number"},
    {"name":"since","label":"Customer since","type":"date"},
    {"name":"product","label":"Product","type":"select","options":[{"value":"app","label":"The app"},{"value":"api","label":"The API"}]},
    {"name":"urgency","label":"Urgency","type":"radio","required":true,"options":[{"value":"low","label":"It can wait"},{"value":"high","label":"Urgent"}]},
    {"name":"areas","label":"Areas","type":"checkbox","options":[{"value":"billing","label":"Billing"},{"value":"login","label":"Login"}]},
    {"name":"ticket","label":"What is it about","type":"text","maps_to":"ticket_name"},
    {"name":"details","label":"Details","type":"textarea","maps_to":"ticket_description","placeholder":"What did you expect?"},
    {"name":"log","label":"Log files","type":"file"},
    {"name":"campaign","label":"Campaign","type":"hidden","default":"none"},
    {"name":"terms","label":"I agree to the terms","type":"checkbox","required":true}
  ]}`

func checked(t testing.TB, raw string) form.Settings {
	t.Helper()
	normalised, err := new(form.Channel).CheckSettings(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := form.ReadSettings(normalised)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}
