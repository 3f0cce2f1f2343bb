package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// decode reads a request body that checkRequest let through. What the contract
// cannot see, such as a second value behind the first, is CodeInvalid.
func decode[T any](c *gin.Context) (T, error) {
	var value T
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return value, fmt.Errorf("read body: %w", err)
	}
	if len(raw) == 0 {
		return value, nil
	}
	return value, unmarshal(raw, &value)
}

// decodePatch applies a request body as a patch to the current value.
func decodePatch[T any](c *gin.Context, current T) (T, error) {
	patch, err := decode[json.RawMessage](c)
	if err != nil {
		return current, err
	}
	return applyPatch(current, patch)
}

// applyPatch applies a JSON merge patch (RFC 7396): what is absent stays, null
// clears.
func applyPatch[T any](current T, patch json.RawMessage) (T, error) {
	var patched T
	target, err := json.Marshal(current)
	if err != nil {
		return patched, fmt.Errorf("encode current value: %w", err)
	}
	merged, err := mergePatch(target, patch)
	if err != nil {
		return patched, fmt.Errorf("merge patch: %w", err)
	}
	return patched, unmarshal(merged, &patched)
}

func unmarshal(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return inbox.Invalid(mistyped.Field, "A %s does not fit here.", mistyped.Value)
	}
	if err != nil {
		return inbox.Invalid("body", "The body is not one JSON value.")
	}
	return nil
}

// mergePatch is RFC 7396, section 2.
func mergePatch(target, patch json.RawMessage) (json.RawMessage, error) {
	var changes map[string]json.RawMessage
	if err := json.Unmarshal(patch, &changes); err != nil || changes == nil {
		return patch, nil //nolint:nilerr // not an object: replaces the target
	}
	var merged map[string]json.RawMessage
	if err := json.Unmarshal(target, &merged); err != nil || merged == nil {
		merged = map[string]json.RawMessage{} // not an object: replaced by one
	}
	for name, change := range changes {
		if string(change) == "null" {
			delete(merged, name)
			continue
		}
		value, err := mergePatch(merged[name], change)
		if err != nil {
			return nil, err
		}
		merged[name] = value
	}
	return json.Marshal(merged)
}
