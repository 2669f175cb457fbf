package graphql

import (
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"tributary/fhir/tree"
)

// Request is one operation to be run.
type Request struct {
	operation *ast.OperationDefinition
	fragments map[string]*ast.FragmentDefinition
	variables map[string]variable
}

// variable is what a variable stands for: what the client sent, or its default.
type variable struct {
	sent  tree.Value
	value *ast.Value
}

// Mutates reports whether the request is to change something.
func (r *Request) Mutates() bool { return r.operation.Operation == ast.Mutation }

// Fault is one entry of errors (GraphQL, section 7.1.2).
type Fault struct {
	Message      string
	Line, Column int   // of the text; 0 where there is none
	Path         []any // of the field: names and indexes
	Cause        error // for the log; of the Source
}

func (f *Fault) Error() string { return f.Message }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

func faultAt(p *ast.Position, message string) *Fault {
	f := &Fault{Message: message}
	if p != nil {
		f.Line, f.Column = p.Line, p.Column
	}
	return f
}

// Parse reads a document and chooses its operation: the one of that name, or the
// only one. variables is a JSON object, or absent. The error is a *Fault.
func Parse(text, operation string, variables tree.Value) (*Request, error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil {
		return nil, syntax(err)
	}
	r := &Request{fragments: map[string]*ast.FragmentDefinition{}, variables: map[string]variable{}}
	for _, f := range doc.Fragments {
		r.fragments[f.Name] = f
	}
	if r.operation, err = choose(doc, operation); err != nil {
		return nil, err
	}
	if variables.Exists() && variables.Kind() != tree.Object && variables.Kind() != tree.Null {
		return nil, &Fault{Message: "variables are a JSON object"}
	}
	return r, r.bind(variables)
}

func syntax(err error) *Fault {
	var e *gqlerror.Error
	f := &Fault{Message: "this is no GraphQL: " + err.Error()}
	if errors.As(err, &e) {
		f.Message = "this is no GraphQL: " + e.Message
		if len(e.Locations) > 0 {
			f.Line, f.Column = e.Locations[0].Line, e.Locations[0].Column
		}
	}
	return f
}

func choose(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, error) {
	switch {
	case len(doc.Operations) == 0:
		return nil, &Fault{Message: "the document has no operation"}
	case name == "" && len(doc.Operations) > 1:
		return nil, &Fault{Message: "the document has several operations: name one by operationName"}
	}
	chosen := doc.Operations[0]
	if name != "" {
		if chosen = doc.Operations.ForName(name); chosen == nil {
			return nil, &Fault{Message: "the document has no operation of that name"}
		}
	}
	if chosen.Operation == ast.Subscription {
		return nil, faultAt(chosen.Position, "subscriptions are FHIR Subscriptions here, not GraphQL's")
	}
	return chosen, nil
}

// bind gives the declared variables their values.
func (r *Request) bind(sent tree.Value) error {
	for _, d := range r.operation.VariableDefinitions {
		v := variable{sent: sent.Get(d.Variable), value: d.DefaultValue}
		if v.sent.Kind() == tree.None && v.value == nil && d.Type.NonNull || v.sent.Kind() == tree.Null && d.Type.NonNull {
			return faultAt(d.Position, "the variable $"+d.Variable+" is required")
		}
		r.variables[d.Variable] = v
	}
	return nil
}
