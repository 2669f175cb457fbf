package search

import (
	"errors"
	"strings"
)

// QueryError says what is wrong with one parameter of a query. All of it is
// safe to show and to log: it names parameters and what would be right, and
// quotes no value, which may be personal data.
type QueryError struct {
	Param       string   // the parameter's name as sent, with modifiers
	Expression  string   // where it stands, as for OperationOutcome.issue.expression
	Reason      string   // in words
	Valid       []string // what could stand instead, if that is a list
	unsupported bool     // the server does not know it: lenient handling passes over it
}

// Error gives the reason with the parameter's name and the valid names.
func (e *QueryError) Error() string {
	text := e.Param + ": " + e.Reason
	if len(e.Valid) > 0 {
		text += "; valid: " + strings.Join(e.Valid, ", ")
	}
	return text
}

// Faults lists the QueryErrors in an error of ParseQuery.
func Faults(err error) []*QueryError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*QueryError
		for _, e := range joined.Unwrap() {
			all = append(all, Faults(e)...)
		}
		return all
	}
	if fault := (*QueryError)(nil); errors.As(err, &fault) {
		return []*QueryError{fault}
	}
	return nil
}

func invalid(reason string) *QueryError { return &QueryError{Reason: reason} }

func unsupported(reason string, valid []string) *QueryError {
	return &QueryError{Reason: reason, Valid: valid, unsupported: true}
}

// named completes an error by the parameter that it is about.
func (e *QueryError) named(name string) *QueryError {
	if e != nil {
		e.Param = printable(name)
		e.Expression = "http." + e.Param
	}
	return e
}

// printable bounds what an error repeats of a name: letters, digits and the
// signs of chains and modifiers.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.:", r) {
			return r
		}
		return '?'
	}, clip(name, 100))
}
