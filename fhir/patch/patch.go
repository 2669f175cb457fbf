// Package patch changes a resource by a patch document: JSON Patch (RFC 6902) and
// FHIRPath Patch (R4, "FHIRPath Patch": a Parameters resource with the operations
// add, insert, delete, replace and move).
//
// Both are carried out on the bytes of the resource as they were sent. An
// operation finds its place in the tree, makes edits of spans, and the next
// operation sees what came of them; what no operation touches keeps its key order,
// its decimals and its white space. All operations happen or none.
//
//	JSON       pointers -> document -> edits
//	FHIRPath   expressions -> places (element.go) -> pointers -> document -> edits
//
// FHIR's elements are not JSON's members: a primitive stands in two of them
// ("birthDate", "_birthDate"), a choice under a name that tells its type
// ("valueQuantity"), and nothing may be empty. FHIRPath Patch sees elements, JSON
// Patch sees members, and whoever stores the result validates it.
//
// The work is bounded: operations, size, and the bytes that are read over again.
//
// Neighbours: fhir/tree below, fhir/path finds places, fhir/model tells which
// elements repeat; internal/records stores what comes out.
package patch

import (
	"fmt"

	"tributary/fhir/tree"
)

// Bounds of a patch. What is over them is refused by an *Error.
const (
	MaxOperations = 1000
	MaxSize       = 8 << 20 // bytes of the resource, before and after each operation
)

// maxWork bounds the bytes that all operations together read: each one reads
// the resource again.
const maxWork = 512 << 20

// Error says why a patch was not carried out. It quotes no values.
type Error struct {
	Index      int    // number of the operation, from 0; -1 for the patch as a whole
	Expression string // where in the patch, as a FHIRPath; may be empty
	Reason     string // in words, safe to show
	// Malformed tells that the patch itself is wrong, whatever it is applied to;
	// otherwise it does not go with this resource as it is now.
	Malformed bool
}

func (e *Error) Error() string {
	if e.Index < 0 {
		return "the patch: " + e.Reason
	}
	return fmt.Sprintf("operation %d of the patch: %s", e.Index+1, e.Reason)
}

// refuse is an error of an operation that does not go with the resource.
func refuse(format string, args ...any) error {
	return &Error{Index: -1, Reason: fmt.Sprintf(format, args...)}
}

// malformed is an error of the patch itself.
func malformed(at tree.Value, format string, args ...any) error {
	return &Error{Index: -1, Expression: place(at), Reason: fmt.Sprintf(format, args...), Malformed: true}
}

func place(v tree.Value) string {
	if !v.Exists() {
		return ""
	}
	return v.Expression()
}

// numbered gives an error the operation that it is of.
func numbered(err error, index int, at tree.Value) error {
	e, ok := err.(*Error)
	if !ok || e == nil {
		return err
	}
	e.Index = index
	if e.Expression == "" {
		e.Expression = place(at)
	}
	return e
}
