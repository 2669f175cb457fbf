package patch

import (
	"errors"
	"regexp"
	"strconv"

	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// FHIRPath applies a FHIRPath Patch, a Parameters resource, to a resource and
// returns a new one (R4, section "FHIRPath Patch"). The error is an *Error. The
// result is not validated, but elements that a delete has left empty are gone: an
// element of FHIR is never empty.
func FHIRPath(doc []byte, parameters tree.Value) ([]byte, error) {
	return FHIRPathIn(nil, doc, parameters)
}

// FHIRPathIn is FHIRPath, whose expressions have the environment: the time, say, and a
// terminology.
func FHIRPathIn(env *path.Env, doc []byte, parameters tree.Value) ([]byte, error) {
	operations, err := fhirOperations(parameters)
	if err != nil {
		return nil, err
	}
	d, err := open(doc)
	if err != nil {
		return nil, err
	}
	d.env = env
	deletes := false
	for i, o := range operations {
		if err := o.kind.run(d, o); err != nil {
			return nil, numbered(err, i, o.at)
		}
		deletes = deletes || o.kind.deletes
	}
	if deletes {
		err = d.prune()
	}
	return d.root.Source(), err
}

// fhirOperation is one operation, well formed.
type fhirOperation struct {
	kind    fhirKind
	at      tree.Value
	text    string
	expr    *path.Expr
	name    string
	value   content
	numbers map[string]int
}

// fhirKind is what an operation does and the parts that it has besides type and
// path; all are needed.
type fhirKind struct {
	run     func(d *document, o *fhirOperation) error
	parts   []string
	deletes bool
}

var fhirKinds = map[string]fhirKind{
	"add":     {run: (*document).addElement, parts: []string{"name", "value"}},
	"insert":  {run: (*document).insertElement, parts: []string{"index", "value"}},
	"delete":  {run: (*document).deleteElement, deletes: true},
	"replace": {run: (*document).replaceElement, parts: []string{"value"}},
	"move":    {run: (*document).moveElement, parts: []string{"source", "destination"}},
}

func fhirOperations(root tree.Value) ([]*fhirOperation, error) {
	list := root.Get("parameter")
	switch {
	case root.Get("resourceType").Text() != "Parameters":
		return nil, malformed(tree.Value{}, "a FHIRPath Patch is a Parameters resource")
	case list.Len() > MaxOperations:
		return nil, malformed(list, "it has more than %d operations", MaxOperations)
	case list.Exists() && list.Kind() != tree.Array:
		return nil, malformed(list, "parameter is a list")
	}
	operations := make([]*fhirOperation, 0, list.Len())
	for at := range list.Elements() {
		o, err := newFHIROperation(at)
		if err != nil {
			return nil, numbered(err, len(operations), at)
		}
		operations = append(operations, o)
	}
	return operations, nil
}

func newFHIROperation(at tree.Value) (*fhirOperation, error) {
	if at.Get("name").Text() != "operation" {
		return nil, malformed(at, "each parameter is named operation")
	}
	parts := map[string]tree.Value{}
	for part := range at.Get("part").Elements() {
		name := part.Get("name").Text()
		if parts[name].Exists() {
			return nil, malformed(part, "the operation has this part twice")
		}
		parts[name] = part
	}
	kind, known := fhirKinds[textOf(parts["type"])]
	if !known {
		return nil, malformed(at, "the part type is add, insert, delete, replace or move, as a valueCode")
	}
	o := &fhirOperation{kind: kind, at: at, numbers: map[string]int{}}
	if err := o.take("path", parts["path"]); err != nil {
		return nil, err
	}
	for _, name := range kind.parts {
		if err := o.take(name, parts[name]); err != nil {
			return nil, err
		}
	}
	if len(parts) != 2+len(kind.parts) {
		return nil, malformed(at, "it has a part that does not go with its type")
	}
	return o, nil
}

// take reads one part.
func (o *fhirOperation) take(name string, part tree.Value) (err error) {
	if !part.Exists() {
		return malformed(o.at, "it needs the part %s", name)
	}
	switch name {
	case "path":
		return o.compile(part)
	case "name":
		if o.name = textOf(part); o.name == "" {
			return malformed(part, "it needs a valueString")
		}
	case "value":
		o.value, err = contentOf(part)
	default:
		n, ok := index(part.Get("valueInteger").Text(), MaxSize)
		if !ok {
			return malformed(part, "it needs a valueInteger from 0 on")
		}
		o.numbers[name] = n
	}
	return err
}

func (o *fhirOperation) compile(part tree.Value) error {
	o.text = textOf(part)
	expr, err := path.Compile(o.text)
	var syntax *path.SyntaxError
	if errors.As(err, &syntax) {
		return malformed(part, "the path is no FHIRPath: %s (position %s)", syntax.Reason, strconv.Itoa(syntax.Position))
	}
	o.expr = expr
	return err
}

// textOf is the text of a part that has a code or a string.
func textOf(part tree.Value) string {
	if code := part.Get("valueCode"); code.Exists() {
		return code.Text()
	}
	return part.Get("valueString").Text()
}

// nested are the expressions that may look at elements over and over: their cost is
// bounded by the engine alone, and counts as the reading of nestedWork bytes.
var nested = regexp.MustCompile(`descendants|children|repeat|aggregate|\([^()]*\(`)

const nestedWork = maxWork / 100

// eval finds what an expression leads to.
func (d *document) eval(expr *path.Expr) ([]path.Item, error) {
	work := len(d.root.Source())
	if nested.MatchString(expr.String()) {
		work += nestedWork
	}
	if err := d.charge(work); err != nil {
		return nil, err
	}
	items, err := expr.Eval(d.root, d.env)
	var fault *path.EvalError
	if errors.As(err, &fault) && fault.Cause == nil {
		return nil, refuse("the path cannot be evaluated: %s", fault.Reason)
	}
	return items, err
}

// one finds the only element that the operation's path leads to.
func (d *document) one(o *fhirOperation) (path.Item, error) {
	items, err := d.eval(o.expr)
	switch {
	case err != nil:
		return path.Item{}, err
	case len(items) == 0:
		return path.Item{}, refuse("there is nothing at the path")
	case len(items) > 1:
		return path.Item{}, refuse("the path leads to more than one element")
	}
	return items[0], nil
}
