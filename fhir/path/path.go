// Package path is FHIRPath (N1, with FHIR's additions for R4) over JSON trees.
//
// An expression goes through lexer and parser into a syntax tree, which is
// compiled once into closures; names of functions and types that do not exist,
// or that this engine does not have, are refused then and by name. Compiled
// expressions are immutable and safe for concurrent use.
//
// Evaluation appends items to buffers that a run keeps for reuse. An Item is a
// place in the document with its FHIR type, which package model tells from the
// path that led there, or a computed System value. Elements that the type does
// not have are empty, as are choice elements under their JSON name
// (Observation.valueQuantity): the path is Observation.value.
//
// Where the specification leaves room, search parameters decide: "as" and as()
// filter collections like ofType(), resolve() without a resolver answers with
// the type that the text of the reference names, and names that a type does not
// have are empty, unless the evaluation is Strict. Of FHIRPath's later drafts there
// are sort, coalesce, defineVariable, Long, encode, matchesFull, lowBoundary and
// the like. Quantities compare, convert and multiply by package ucum.
//
// Terminology, profiles, references to elsewhere and the time come from the Env.
//
// Neighbours: fhir/tree, fhir/model and fhir/ucum below; fhir/search extracts index
// entries with it, fhir/profile checks invariants.
package path

import (
	"fmt"
	"sync"
	"time"

	"tributary/fhir/tree"
)

// maxLength bounds the text of an expression; baseWork and workPerByte of the
// document bound the steps of one evaluation, and so its time and memory.
const (
	maxLength   = 1 << 16
	baseWork    = 500_000
	workPerByte = 10
)

// SyntaxError says why an expression does not compile: Position is the byte
// offset of the fault, Reason is safe to show.
type SyntaxError struct {
	Position int
	Reason   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("FHIRPath: %s (at %d)", e.Reason, e.Position)
}

// EvalError says why an evaluation has no result, such as several items where
// one is expected; Reason quotes no content. Cause, if any, is what a
// Terminology or Profiles said: for the log, and found by errors.Is.
type EvalError struct {
	Reason string
	Cause  error
}

func (e *EvalError) Error() string { return "FHIRPath: " + e.Reason }

// Unwrap returns the cause.
func (e *EvalError) Unwrap() error { return e.Cause }

func fail(format string, args ...any) error { return failBecause(nil, format, args...) }

func failBecause(cause error, format string, args ...any) error {
	return &EvalError{fmt.Sprintf(format, args...), cause}
}

// Expr is a compiled expression, immutable and safe for concurrent use.
type Expr struct {
	text string
	eval eval
}

// Env is what an evaluation may know besides the document. A nil *Env is an
// empty one.
type Env struct {
	// Now is the moment of now(), today() and timeOfDay(); they fail when it is zero.
	Now time.Time
	// Resolve finds what a reference names, for resolve(). Contained resources and
	// entries of the same Bundle are found without it. When it is nil, a reference
	// that names a type, such as Patient/1, resolves to an item of that type
	// without content.
	Resolve func(ref string) (tree.Value, bool)
	// Vars are the external constants by name, without %.
	Vars map[string][]Item
	// Terminology answers memberOf(), subsumes() and subsumedBy(), Profiles
	// conformsTo(); without them these functions fail when they are evaluated.
	Terminology Terminology
	Profiles    Profiles
	// Strict makes names that a type does not have an error, as in a check of the
	// expression; otherwise they are empty, as the data may be of another type.
	Strict bool
	// Trace receives what trace() sees; nil drops it.
	Trace func(name string, items []Item)
}

// Compile parses an expression. The error is a *SyntaxError.
func Compile(expression string) (*Expr, error) {
	if len(expression) > maxLength {
		return nil, &SyntaxError{maxLength, "the expression is too long"}
	}
	root, err := parse(expression)
	if err != nil {
		return nil, err
	}
	e, err := compile(root)
	if err != nil {
		return nil, err
	}
	return &Expr{expression, e}, nil
}

// MustCompile is Compile for expressions that are part of the program.
func MustCompile(expression string) *Expr {
	e, err := Compile(expression)
	if err != nil {
		panic(fmt.Sprintf("%v in %q", err, expression))
	}
	return e
}

// String returns the expression as it was compiled.
func (e *Expr) String() string { return e.text }

// Eval evaluates on a focus, which is %context; the resource that it stands in is
// %resource. The error, if any, is an *EvalError; an empty result is nil.
func (e *Expr) Eval(focus tree.Value, env *Env) ([]Item, error) {
	if !focus.Exists() {
		return nil, nil
	}
	return e.EvalItem(ItemAt(focus), env)
}

// EvalItem evaluates on an item, such as one that another expression gave.
func (e *Expr) EvalItem(focus Item, env *Env) ([]Item, error) {
	r := runs.Get().(*run)
	defer r.release()
	r.env, r.context = env, focus
	r.work = baseWork + workPerByte*len(focus.node.Source())
	if env == nil {
		r.env = &noEnv
	}
	r.top = scope{this: focus}
	out, err := e.eval(r, &r.top, r.get())
	var result []Item
	if err == nil && len(out) > 0 {
		result = append(result, out...)
	}
	r.put(out)
	return result, err
}

// True evaluates to one boolean: an empty result is false, a single item that
// is no boolean is true, several are an error (FHIRPath, section 5.1.1).
func (e *Expr) True(focus tree.Value, env *Env) (bool, error) {
	items, err := e.Eval(focus, env)
	if err != nil {
		return false, err
	}
	value, _, err := truth(items)
	return value, err
}

var noEnv Env

var runs = sync.Pool{New: func() any { return new(run) }}

// run is one evaluation: its environment and its spare buffers.
type run struct {
	env     *Env
	context Item
	top     scope
	spare   [][]Item
	work    int // that is left
}

func (r *run) get() []Item {
	if n := len(r.spare); n > 0 {
		b := r.spare[n-1]
		r.spare = r.spare[:n-1]
		return b
	}
	return make([]Item, 0, 16)
}

// put keeps a buffer for reuse, but no hold on documents, nor a large one.
func (r *run) put(b []Item) {
	if cap(b) > 1024 {
		return
	}
	clear(b)
	r.spare = append(r.spare, b[:0])
}

func (r *run) release() {
	r.env, r.context, r.top = nil, Item{}, scope{}
	if len(r.spare) < 64 {
		runs.Put(r)
	}
}

// spend counts the items that an evaluation touches, so that none runs away.
func (r *run) spend(n int) error {
	if r.work -= n + 1; r.work < 0 {
		return fail("the evaluation takes too much work")
	}
	return nil
}

// spendText counts the bytes of texts that an evaluation makes.
func (r *run) spendText(bytes int) error { return r.spend(bytes / 16) }

// scope is what $this, $index and $total mean, and the variables that were made.
// total is nil outside aggregate.
type scope struct {
	this  Item
	index int
	total []Item
	vars  *binding
}

// eval appends the result of an expression to out.
type eval func(r *run, s *scope, out []Item) ([]Item, error)
