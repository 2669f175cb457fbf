package patch

import (
	"tributary/fhir/tree"
)

// JSON applies a JSON Patch (RFC 6902) to a resource, or to any JSON document, and
// returns a new one. The error is an *Error. The result is not validated: a list
// whose last item was removed stays behind empty, as the RFC has it.
func JSON(doc, patch []byte) ([]byte, error) {
	operations, err := jsonOperations(patch)
	if err != nil {
		return nil, err
	}
	d, err := open(doc)
	if err != nil {
		return nil, err
	}
	for i, o := range operations {
		if err := o.run(d, o); err != nil {
			return nil, numbered(err, i, o.at)
		}
	}
	return d.root.Source(), nil
}

// jsonOperation is one operation, well formed.
type jsonOperation struct {
	run        func(d *document, o jsonOperation) error
	path, from pointer
	value      tree.Value
	at         tree.Value
}

// jsonKinds are the operations, and the members that they need besides path.
var jsonKinds = map[string]struct {
	run   func(d *document, o jsonOperation) error
	needs string
}{
	"add":     {func(d *document, o jsonOperation) error { return d.add(o.path, o.value.Raw()) }, "value"},
	"remove":  {func(d *document, o jsonOperation) error { return d.remove(o.path) }, ""},
	"replace": {func(d *document, o jsonOperation) error { return d.replace(o.path, o.value.Raw()) }, "value"},
	"move":    {(*document).moveJSON, "from"},
	"copy":    {(*document).copyJSON, "from"},
	"test":    {(*document).test, "value"},
}

func jsonOperations(patch []byte) ([]jsonOperation, error) {
	if len(patch) > MaxSize {
		return nil, malformed(tree.Value{}, "it is over the limit of %d bytes", MaxSize)
	}
	root, err := tree.Parse(patch)
	switch {
	case err != nil:
		return nil, malformed(tree.Value{}, "%s", err)
	case root.Kind() != tree.Array:
		return nil, malformed(root, "a JSON Patch is a list of operations")
	case root.Len() > MaxOperations:
		return nil, malformed(root, "it has more than %d operations", MaxOperations)
	}
	operations := make([]jsonOperation, 0, root.Len())
	for at := range root.Elements() {
		o, err := newJSONOperation(at)
		if err != nil {
			return nil, numbered(err, len(operations), at)
		}
		operations = append(operations, o)
	}
	return operations, nil
}

func newJSONOperation(at tree.Value) (jsonOperation, error) {
	o := jsonOperation{value: at.Get("value"), at: at}
	kind, known := jsonKinds[at.Get("op").Text()]
	if !known {
		return o, malformed(at, "op is add, remove, replace, move, copy or test")
	}
	o.run = kind.run
	var ok bool
	if o.path, ok = pointerAt(at.Get("path")); !ok {
		return o, malformed(at, "path must be a JSON Pointer, such as /name/0/family")
	}
	switch kind.needs {
	case "value":
		if !o.value.Exists() {
			return o, malformed(at, "it needs a value")
		}
	case "from":
		if o.from, ok = pointerAt(at.Get("from")); !ok {
			return o, malformed(at, "from must be a JSON Pointer, such as /name/0/family")
		}
	}
	return o, nil
}

func pointerAt(v tree.Value) (pointer, bool) {
	if v.Kind() != tree.String {
		return nil, false
	}
	return parsePointer(v.Text())
}

func (d *document) moveJSON(o jsonOperation) error {
	v, err := d.find(o.from)
	switch {
	case err != nil:
		return err
	case len(o.path) == len(o.from) && o.path.within(o.from):
		return nil
	case o.path.within(o.from):
		return refuse("a value cannot be moved into itself")
	}
	if err := d.remove(o.from); err != nil {
		return err
	}
	return d.add(o.path, v.Raw())
}

func (d *document) copyJSON(o jsonOperation) error {
	v, err := d.find(o.from)
	if err != nil {
		return err
	}
	return d.add(o.path, v.Raw())
}

func (d *document) test(o jsonOperation) error {
	v, err := d.find(o.path)
	if err != nil {
		return err
	}
	if !equal(v, o.value) {
		return refuse("the test does not hold: another value is at the path")
	}
	return nil
}
