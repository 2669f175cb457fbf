package graphql

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// run is one execution of a request.
type run struct {
	ctx     context.Context
	source  Source
	request *Request
	env     *path.Env // of every expression
	faults  []*Fault
	paths   map[string]*path.Expr
	known   map[string]tree.Value // resources that references led to

	fields, limit, calls, resources int
}

// Result is the outcome of a request. Where there are Faults, the JSON has no data but
// that of mutations.
type Result struct {
	JSON   []byte
	Faults []*Fault
}

// environment is that of the expressions.
func environment(ctx context.Context, source Source, now time.Time) *path.Env {
	env := &path.Env{Now: now}
	if words, ok := source.(Words); ok {
		env.Terminology = words.Terminology(ctx)
	}
	return env
}

// Run answers a request at the system, or, with a focus, at one resource. now is the
// moment of FHIRPath's now().
func (r *Request) Run(ctx context.Context, source Source, focus tree.Value, now time.Time) Result {
	e := &run{ctx: ctx, source: source, request: r, env: environment(ctx, source, now), paths: map[string]*path.Expr{}, known: map[string]tree.Value{}, limit: MaxFields}
	var typ *model.Type
	if focus.Exists() {
		typ, _ = model.TypeOf(focus.Get("resourceType").Text())
	}
	c := r.check(typ)
	if len(c.faults) > 0 {
		return Result{JSON: Refusal(c.faults...), Faults: c.faults}
	}
	if c.introspects {
		oneAtATime.Lock()
		defer oneAtATime.Unlock()
	}
	data := newObject()
	switch {
	case r.Mutates():
		e.mutations(data)
	case typ != nil:
		e.element(data, item{focus, typ}, e.request.operation.SelectionSet, false, "", nil)
	default:
		e.system(data)
	}
	if len(e.faults) > 0 && !r.Mutates() {
		data = nil
	}
	return Result{JSON: answer(data, e.faults), Faults: e.faults}
}

// check holds the request against the types.
func (r *Request) check(typ *model.Type) *checker {
	c := &checker{request: r, open: map[string]bool{}}
	switch {
	case r.Mutates() && typ != nil:
		c.fault(r.operation.Position, "mutations are sent to the system: [base]/$graphql")
	case r.Mutates():
		c.mutations(r.operation.SelectionSet)
	case typ != nil:
		c.element(typ, r.operation.SelectionSet, 0)
	default:
		c.system(r.operation.SelectionSet)
	}
	return c
}

var errCost = errors.New("the request asks for more than one request may")

// spend counts a field.
func (r *run) spend() bool {
	if r.fields++; r.fields == r.limit {
		r.fail(&Fault{Message: errCost.Error() + ": over " + strconv.Itoa(r.limit) + " fields"}, nil)
	}
	return r.fields < r.limit && r.ctx.Err() == nil
}

// call counts a call of the source.
func (r *run) call() error {
	if r.calls++; r.calls > MaxCalls || r.resources > MaxResources {
		return &Fault{Message: errCost.Error() + ": at most " + strconv.Itoa(MaxCalls) + " reads and searches, and " + strconv.Itoa(MaxResources) + " resources"}
	}
	return r.ctx.Err()
}

// fail notes a fault of a field.
func (r *run) fail(err error, place []any) {
	if len(r.faults) >= 100 {
		return
	}
	var f *Fault
	if !errors.As(err, &f) {
		f = &Fault{Message: err.Error(), Cause: err}
	}
	if len(f.Path) == 0 {
		f.Path = slices.Clone(place)
	}
	r.faults = append(r.faults, f)
}

// failAt notes a fault with the field's place in the text.
func (r *run) failAt(f *ast.Field, err error, place []any) {
	var known *Fault
	if !errors.As(err, &known) {
		known = &Fault{Message: err.Error(), Cause: err}
	}
	if known.Line == 0 {
		known.Line, known.Column = f.Position.Line, f.Position.Column
	}
	r.fail(known, place)
}
