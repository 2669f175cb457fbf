package graphql

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/path"
)

// filter keeps of an element's values those that the arguments ask for: fhirpath,
// the values of children, and then _offset and _count.
func (r *run) filter(found []item, f *field) (_ []item, err error) {
	offset, count := 0, -1
	for _, a := range f.Arguments {
		switch a.Name {
		case "fhirpath":
			found, err = r.filterByPath(found, a)
		case "_offset":
			offset, err = r.whole(a)
		case "_count":
			count, err = r.whole(a)
		default:
			found, err = r.filterByChild(found, a)
		}
		if err != nil {
			return nil, err
		}
	}
	found = found[min(offset, len(found)):]
	if count >= 0 {
		found = found[:min(count, len(found))]
	}
	return found, nil
}

func (r *run) whole(a *ast.Argument) (int, error) {
	texts, err := r.request.texts(a.Value)
	if err != nil {
		return 0, err
	}
	n := -1
	if len(texts) == 1 {
		n, err = strconv.Atoi(texts[0])
	}
	if err != nil || n < 0 {
		return 0, faultAt(a.Position, a.Name+" is a whole number, 0 or more")
	}
	return n, nil
}

// filterByPath keeps the values for which an expression is true.
func (r *run) filterByPath(found []item, a *ast.Argument) (kept []item, err error) {
	expression, err := r.expression(a)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		ok, err := expression.True(one.value, r.env)
		if err != nil {
			return nil, faultAt(a.Position, "the expression cannot be evaluated here: "+err.Error())
		}
		if ok {
			kept = append(kept, one)
		}
	}
	return kept, nil
}

// expression compiles the FHIRPath of an argument, once for a request.
func (r *run) expression(a *ast.Argument) (*path.Expr, error) {
	texts, err := r.request.texts(a.Value)
	if err != nil {
		return nil, err
	}
	if len(texts) != 1 {
		return nil, faultAt(a.Position, a.Name+" is one FHIRPath expression")
	}
	if known := r.paths[texts[0]]; known != nil {
		return known, nil
	}
	compiled, err := path.Compile(texts[0])
	if err != nil {
		return nil, faultAt(a.Position, "this is no FHIRPath: "+err.Error())
	}
	r.paths[texts[0]] = compiled
	return compiled, nil
}

// filterByChild keeps the values of which a child has one of the values.
func (r *run) filterByChild(found []item, a *ast.Argument) (kept []item, err error) {
	texts, err := r.request.texts(a.Value)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		one = one.typed()
		m, ok := one.typ.Member(a.Name)
		if !ok || !scalar(m) {
			return nil, faultAt(a.Position, one.typ.Name+" has no element "+a.Name+" that a list can be filtered by")
		}
		for v := range one.value.Get(a.Name).Elements() {
			if slices.Contains(texts, v.Text()) {
				kept = append(kept, one)
				break
			}
		}
	}
	return kept, nil
}

// sliceOf is the suffix of a value's fields under @slice: what the path has there,
// or the index.
func (r *run) sliceOf(d *ast.Directive, one item, index int) (string, error) {
	if d == nil {
		return "", nil
	}
	a := d.Arguments.ForName("path")
	if a == nil {
		a = d.Arguments.ForName("fhirpath")
	}
	if a == nil {
		return "", faultAt(d.Position, "@slice takes path: a FHIRPath, or $index")
	}
	if a.Value.Raw == "$index" {
		return "." + strconv.Itoa(index), nil
	}
	expression, err := r.expression(a)
	if err != nil {
		return "", err
	}
	values, err := expression.Eval(one.value, r.env)
	if err != nil || len(values) > 1 {
		return "", faultAt(d.Position, "the path of @slice gives one value")
	}
	if len(values) == 0 {
		return "", nil
	}
	return "." + values[0].String(), nil
}
