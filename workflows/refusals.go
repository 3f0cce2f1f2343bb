package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"switchboard/activities"
	"switchboard/inbox"
)

// code returns the inbox.Code an activity's final error carries, "" for none.
func code(err error) inbox.Code {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return inbox.Code(failure.Type())
	}
	return ""
}

// refused strips an activity's error down to what the agent is told.
func refused(err error) error {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return failure
	}
	return err
}

// refusal turns an update's error back into the user's; nil when it is none.
func refusal(err error) *inbox.Error {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || failure.Type() == "" {
		return nil
	}
	known := inbox.Errorf(inbox.Code(failure.Type()), "%s", failure.Message())
	var details activities.Refusal
	if failure.HasDetails() && failure.Details(&details) == nil {
		known.Field, known.Remedy, known.Window = details.Field, details.Remedy, details.Window
	}
	return known
}
