package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// statuses says which HTTP status each code has.
var statuses = map[inbox.Code]int{
	inbox.CodeUnauthorized:      http.StatusUnauthorized,
	inbox.CodeForbidden:         http.StatusForbidden,
	inbox.CodeOriginNotAllowed:  http.StatusForbidden,
	inbox.CodeIdentityUnproved:  http.StatusForbidden,
	inbox.CodeNotFound:          http.StatusNotFound,
	inbox.CodeMethodNotAllowed:  http.StatusMethodNotAllowed,
	inbox.CodeConflict:          http.StatusConflict,
	inbox.CodeChannelDisabled:   http.StatusConflict,
	inbox.CodeConversationDone:  http.StatusConflict,
	inbox.CodeConversationOpen:  http.StatusConflict,
	inbox.CodeWindowClosed:      http.StatusConflict,
	inbox.CodeHumanAgentOnly:    http.StatusConflict,
	inbox.CodeTemplateRequired:  http.StatusConflict,
	inbox.CodeConsentMissing:    http.StatusConflict,
	inbox.CodeNoReplyAddress:    http.StatusConflict,
	inbox.CodeAlreadyConnected:  http.StatusConflict,
	inbox.CodeNothingToConnect:  http.StatusConflict,
	inbox.CodePersonalMailbox:   http.StatusConflict,
	inbox.CodeProviderNotSetUp:  http.StatusConflict,
	inbox.CodeMergeExpired:      http.StatusConflict,
	inbox.CodeLoginRejected:     http.StatusUnprocessableEntity,
	inbox.CodeTooSlow:           http.StatusRequestTimeout,
	inbox.CodeTooLarge:          http.StatusRequestEntityTooLarge,
	inbox.CodeUnsupportedType:   http.StatusUnsupportedMediaType,
	inbox.CodeInvalid:           http.StatusUnprocessableEntity,
	inbox.CodeSeatRequired:      http.StatusUnprocessableEntity,
	inbox.CodeChannelNotOffered: http.StatusUnprocessableEntity,
	inbox.CodeCannotAnswerHere:  http.StatusConflict,
	inbox.CodeCannotCompose:     http.StatusUnprocessableEntity,
	inbox.CodeRateLimited:       http.StatusTooManyRequests,
	inbox.CodeInternal:          http.StatusInternalServerError,
	inbox.CodeDeliveryFailed:    http.StatusBadGateway,
	inbox.CodeDeliveryUnknown:   http.StatusBadGateway,
	inbox.CodeFileRefused:       http.StatusBadGateway,
	inbox.CodeFileTooLarge:      http.StatusBadGateway,
	inbox.CodeFileUnavailable:   http.StatusBadGateway,
	inbox.CodeUnavailable:       http.StatusServiceUnavailable,

	inbox.CodeContactUnreachable: http.StatusBadGateway,
	inbox.CodePermissionMissing:  http.StatusBadGateway,
	inbox.CodeOtherApp:           http.StatusBadGateway,
}

// refuse answers with a problem and ends the request. An error that is not an
// *inbox.Error is answered as "internal" and logged with the request.
func refuse(c *gin.Context, err error) { refuseListing(c, err, nil) }

// refuseListing is refuse with the templates that may be sent instead.
func refuseListing(c *gin.Context, err error, templates []inbox.ApprovedTemplate) {
	known, status := problemOf(c, err)
	problem := contract.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Code: contract.ProblemCode(known.Code), Detail: known.Detail,
		Field: optional(known.Field), Remedy: optional(known.Remedy),
	}
	if templates != nil {
		problem.Templates = &templates
	}
	if !known.Window.IsZero() {
		window := windowOut(known.Window)
		problem.Window = &window
	}
	c.Abort()
	if status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	c.Header("Content-Type", "application/problem+json")
	c.PureJSON(status, problem)
}

// problemOf returns what a user is told of an error, and keeps what is our fault
// for the access log.
func problemOf(c *gin.Context, err error) (*inbox.Error, int) {
	known, ok := errors.AsType[*inbox.Error](err)
	if !ok {
		known = inbox.Errorf(inbox.CodeInternal, "Something went wrong on our side.")
	}
	status := statuses[known.Code]
	if status >= http.StatusInternalServerError {
		_ = c.Error(err) // it returns what it was given
	}
	return known, status
}
