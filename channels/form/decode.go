package form

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"switchboard/channels"
	"switchboard/inbox"
)

// FromJSON reads the "fields" of a JSON submission: a text, a number, a truth
// value, null, or a list of these for each name.
func FromJSON(fields map[string]json.RawMessage) (map[string][]string, error) {
	values := make(map[string][]string, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		answers, ok := fromJSON(fields[name])
		if !ok {
			return nil, inbox.Invalid("fields."+shorten(channels.CleanLine(name), maxFieldName),
				"An answer is a text, a number, true or false, or a list of these.")
		}
		values[name] = answers
	}
	return values, nil
}

func fromJSON(raw json.RawMessage) ([]string, bool) {
	var many []json.RawMessage
	if err := json.Unmarshal(raw, &many); err != nil {
		many = []json.RawMessage{raw}
	}
	answers := []string{}
	for _, one := range many {
		decoder := json.NewDecoder(bytes.NewReader(one))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return nil, false
		}
		switch value := value.(type) {
		case nil:
		case string:
			answers = append(answers, value)
		case json.Number:
			answers = append(answers, value.String())
		case bool:
			answers = append(answers, strconv.FormatBool(value))
		default:
			return nil, false
		}
	}
	return answers, true
}

// FromPost separates a browser's post into the answers and the submission id
// that accompanies them.
func FromPost(post url.Values) (Answers, string) {
	values := maps.Clone(map[string][]string(post))
	for _, name := range []string{VisitorTokenName, PageURLName, SubmissionIDName} {
		delete(values, name)
	}
	return Answers{
		Values:       values,
		VisitorToken: post.Get(VisitorTokenName),
		PageURL:      post.Get(PageURLName),
	}, post.Get(SubmissionIDName)
}

// TakeHoneypot removes the honeypot from the answers and reports whether it was
// filled, as only a robot does.
func (s Settings) TakeHoneypot(values map[string][]string) bool {
	filled := slices.ContainsFunc(values[s.Honeypot], func(v string) bool { return channels.CleanLine(v) != "" })
	delete(values, s.Honeypot)
	return filled
}
