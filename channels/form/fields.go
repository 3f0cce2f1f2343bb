package form

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"switchboard/channels"
	"switchboard/inbox"
)

func (s *Settings) checkFields() error {
	names := map[string]bool{s.Honeypot: true}
	mapped := map[inbox.FieldMapping]bool{}
	for i, field := range s.Fields {
		at := fmt.Sprintf("settings.fields.%d", i)
		if err := field.check(at); err != nil {
			return err
		}
		if names[field.Name] {
			return inbox.Invalid(at+".name", "Another field or the honeypot is called %s already.", field.Name)
		}
		names[field.Name] = true
		if field.MapsTo != "" && mapped[field.MapsTo] {
			return inbox.Invalid(at+".maps_to", "Another field is the %s already.", field.MapsTo)
		}
		mapped[field.MapsTo] = true
	}
	return nil
}

func (f Field) check(at string) error {
	switch {
	case !fieldName.MatchString(f.Name):
		return inbox.Invalid(at+".name", "A field needs a name of letters, digits, '_', '-' or '.', beginning with a letter.")
	case slices.Contains(reservedNames, f.Name):
		return inbox.Invalid(at+".name", "The name %s is reserved.", f.Name)
	case !slices.Contains(fieldTypes, f.Type):
		return inbox.Invalid(at+".type", "A field's type is one of %s.", list(fieldTypes))
	case len(f.Label) > maxLabel || strings.ContainsFunc(f.Label, unicode.IsControl):
		return inbox.Invalid(at+".label", "A label is one line of at most %d bytes.", maxLabel)
	case len(f.Placeholder) > maxLabel:
		return inbox.Invalid(at+".placeholder", "A placeholder has at most %d bytes.", maxLabel)
	}
	if err := f.checkOptions(at); err != nil {
		return err
	}
	if err := f.checkMapping(at); err != nil {
		return err
	}
	if f.Default != "" {
		if f.Type == TypeFile {
			return inbox.Invalid(at+".default", "A file has no default.")
		}
		if _, wrong := f.value(f.Default); wrong != (fault{}) {
			return inbox.Invalid(at+".default", "The default is not an answer: %s", wrong.in(channels.DefaultLanguage))
		}
	}
	return nil
}

func (f Field) checkOptions(at string) error {
	at += ".options"
	switch {
	case !f.choice() && len(f.Options) > 0:
		return inbox.Invalid(at, "Only select, radio and checkbox have options.")
	case (f.Type == TypeSelect || f.Type == TypeRadio) && len(f.Options) == 0:
		return inbox.Invalid(at, "A %s needs options.", f.Type)
	case len(f.Options) > maxOptions:
		return inbox.Invalid(at, "A field has at most %d options.", maxOptions)
	}
	values := map[string]bool{}
	for _, option := range f.Options {
		switch {
		case option.Value == "" || option.Value != channels.CleanLine(option.Value):
			return inbox.Invalid(at, "An option's value is one line and not empty.")
		case len(option.Value) > maxLabel || len(option.Label) > maxLabel || strings.ContainsFunc(option.Label, unicode.IsControl):
			return inbox.Invalid(at, "An option is one line of at most %d bytes.", maxLabel)
		case values[option.Value]:
			return inbox.Invalid(at, "Two options have the same value.")
		}
		values[option.Value] = true
	}
	return nil
}

func (f Field) checkMapping(at string) error {
	if f.MapsTo == "" {
		return nil
	}
	if !slices.Contains(mappings, f.MapsTo) {
		return inbox.Invalid(at+".maps_to", "A field maps to one of %s, or to nothing.", list(mappings))
	}
	fits := f.Type != TypeFile && f.Type != TypeCheckbox
	if f.MapsTo == inbox.MapsToEmail {
		fits = f.Type == TypeEmail || f.Type == TypeText || f.Type == TypeHidden
	}
	if !fits {
		return inbox.Invalid(at+".maps_to", "A %s field cannot be the %s.", f.Type, f.MapsTo)
	}
	return nil
}

// choice reports whether the field is answered from options.
func (f Field) choice() bool {
	return f.Type == TypeSelect || f.Type == TypeRadio || f.Type == TypeCheckbox
}

func list[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	return strings.Join(words, ", ")
}
