package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// fault follows a schema error to its origin: the path to the value and what
// is wrong with it, as a sentence.
func fault(err error) (path []string, reason string) {
	reason = "The value cannot be read."
	for {
		schemaErr, ok := errors.AsType[*openapi3.SchemaError](err)
		if !ok {
			return path, reason
		}
		path = append(path, schemaErr.JSONPointer()...)
		if name := unknownName(schemaErr); name != "" {
			return append(path, name), "There is no such field."
		}
		reason, err = wrong(schemaErr), schemaErr.Origin
	}
}

// wrong says what a value would have to be, in words for people who have not
// read the contract.
func wrong(err *openapi3.SchemaError) string {
	schema := err.Schema
	switch err.SchemaField {
	case "required":
		return "This field is missing."
	case "type":
		if schema.Type != nil && len(schema.Type.Slice()) > 0 {
			return fmt.Sprintf("This must be of the type %s.", strings.Join(schema.Type.Slice(), " or "))
		}
	case "enum":
		return fmt.Sprintf("This must be one of %s.", strings.Trim(fmt.Sprint(schema.Enum), "[]"))
	case "format":
		return fmt.Sprintf("This is not a valid %s.", schema.Format)
	case "minLength":
		if schema.MinLength == 1 {
			return "This must not be empty."
		}
		return fmt.Sprintf("This must have at least %d characters.", schema.MinLength)
	case "maxLength":
		if schema.MaxLength != nil {
			return fmt.Sprintf("This must have at most %d characters.", *schema.MaxLength)
		}
	case "minimum":
		if schema.Min != nil {
			return fmt.Sprintf("This must be at least %v.", *schema.Min)
		}
	case "maximum":
		if schema.Max != nil {
			return fmt.Sprintf("This must be at most %v.", *schema.Max)
		}
	case "maxItems":
		if schema.MaxItems != nil {
			return fmt.Sprintf("There may be at most %d of these.", *schema.MaxItems)
		}
	case "pattern":
		return "This does not have the form it needs."
	}
	return sentence(err.Reason)
}

// unknownName returns the first property of an object that its schema does not
// know, "" when that is not what is wrong.
func unknownName(err *openapi3.SchemaError) string {
	object, ok := err.Value.(map[string]any)
	if !ok || err.SchemaField != "properties" {
		return ""
	}
	var unknown []string
	for name := range object {
		if _, known := err.Schema.Properties[name]; !known {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return slices.Min(unknown)
}

func sentence(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + reason[size:] + "."
}
