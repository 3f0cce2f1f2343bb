package channels

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"switchboard/inbox"
)

// DecodeSettings reads a kind's settings into its struct, strictly: an unknown
// or mistyped setting is an *inbox.Error naming it, so that a typo is not taken
// for a default. Absent settings leave the struct as it is.
func DecodeSettings(raw json.RawMessage, into any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			return inbox.Invalid("settings", "The settings are not one JSON object.")
		}
		return nil
	}
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return inbox.Invalid(join("settings", mistyped.Field), "A %s does not fit here.", mistyped.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return inbox.Invalid("settings", "There is no setting called %s.", name)
	}
	return inbox.Invalid("settings", "The settings are not valid JSON.")
}

func join(prefix, field string) string {
	if field == "" {
		return prefix
	}
	return prefix + "." + field
}
