// Package errs is the vocabulary of failure. An Error has a kind, a text that
// is safe to show to whoever asked, and a cause that only the log sees. Each
// kind maps once to an HTTP status, a FHIR issue code and an OAuth error, so
// that no handler chooses a status of its own.
//
// Neighbours: every package returns these; internal/fhirserver renders them as
// OperationOutcome, internal/authserver as OAuth errors, internal/portal as pages.
package errs

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind says what went wrong in a way that a client can act on.
type Kind uint8

// The kinds; Internal is the zero value, so that an unclassified error never
// tells a client more than that something failed.
const (
	Internal      Kind = iota
	Invalid            // malformed request, or content that breaks a rule of the specification
	Unprocessable      // well-formed content that this server's rules refuse
	Unauthorized       // no or no valid credentials
	Forbidden          // valid credentials that do not reach this far
	NotFound           // no such resource, or none that the client may know of
	Gone               // was here and is deleted or withdrawn
	Conflict           // the current state forbids it
	Precondition       // If-Match or a condition did not hold
	Ambiguous          // a condition matched more than one resource
	TooLarge           // body over its limit
	NotAcceptable      // no representation that the client accepts
	Unsupported        // media type or interaction that is not served
	TooMany            // rate limit
	Unavailable        // try again later
	TooCostly          // an answer that would be too long, or take too long to work out
)

type row struct {
	status int
	issue  string // FHIR IssueType
	oauth  string // RFC 6749 error code
}

var rows = map[Kind]row{
	Internal:      {http.StatusInternalServerError, "exception", "server_error"},
	Invalid:       {http.StatusBadRequest, "invalid", "invalid_request"},
	Unprocessable: {http.StatusUnprocessableEntity, "business-rule", "invalid_request"},
	Unauthorized:  {http.StatusUnauthorized, "login", "invalid_client"},
	Forbidden:     {http.StatusForbidden, "forbidden", "access_denied"},
	NotFound:      {http.StatusNotFound, "not-found", "invalid_request"},
	Gone:          {http.StatusGone, "deleted", "invalid_request"},
	Conflict:      {http.StatusConflict, "conflict", "invalid_request"},
	Precondition:  {http.StatusPreconditionFailed, "conflict", "invalid_request"},
	Ambiguous:     {http.StatusPreconditionFailed, "multiple-matches", "invalid_request"},
	TooLarge:      {http.StatusRequestEntityTooLarge, "too-long", "invalid_request"},
	NotAcceptable: {http.StatusNotAcceptable, "not-supported", "invalid_request"},
	Unsupported:   {http.StatusUnsupportedMediaType, "not-supported", "invalid_request"},
	TooMany:       {http.StatusTooManyRequests, "throttled", "temporarily_unavailable"},
	Unavailable:   {http.StatusServiceUnavailable, "transient", "temporarily_unavailable"},
	TooCostly:     {http.StatusUnprocessableEntity, "too-costly", "invalid_request"},
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return rows[k].status }

// IssueCode is the FHIR IssueType of the kind.
func (k Kind) IssueCode() string { return rows[k].issue }

// OAuthCode is the OAuth 2.0 error code of the kind (RFC 6749, section 5.2).
func (k Kind) OAuthCode() string { return rows[k].oauth }

// Error is a failure with its two audiences.
type Error struct {
	Kind       Kind
	Safe       string        // for the client: says what and what to do, holds no personal data
	Expression string        // where in the content, as a FHIRPath; may be empty
	Cause      error         // for the log; may be nil
	RetryAfter time.Duration // for TooMany and Unavailable; 0 says nothing
}

// New makes an error whose safe text is built as by fmt.Sprintf.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Safe: fmt.Sprintf(format, args...)}
}

// Wrap gives a cause its kind and its safe text.
func Wrap(cause error, kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Safe: fmt.Sprintf(format, args...), Cause: cause}
}

// At names the place in the content that the error is about.
func (e *Error) At(expression string) *Error {
	e.Expression = expression
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Safe + ": " + e.Cause.Error()
	}
	return e.Safe
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Of classifies any error: an *Error in its chain, else Internal with a text
// that gives nothing away.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Safe: "something failed on our side; it has been logged", Cause: err}
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && Of(err).Kind == kind }
