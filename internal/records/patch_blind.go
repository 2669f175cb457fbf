package records

import (
	"strings"

	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// A patch by who may not read is carried out, but asks nothing of what is there and
// is told nothing of it: no test, copy or move, no expression with a function, no
// reason why it does not fit, no body in the answer. That it fits at all it learns.

// seen holds what is patched against the permission to read, and a blind patch to
// what it may be.
func (p *patching) seen(s *Service, previous store.Resource) error {
	if !p.blind {
		return s.visible(&p.read, previous)
	}
	if p.asks() {
		return errs.New(errs.Forbidden, "a patch that tests, copies, moves or calls functions needs the permission to read beside that to update")
	}
	return nil
}

// asks reports whether the outcome depends on more of what is there than the places
// that are written.
func (p Patch) asks() bool {
	source, probing := p.JSON, probingJSON
	if p.Parameters != nil {
		source, probing = p.Parameters, probingFHIRPath
	}
	root, err := tree.Parse(source)
	if err != nil {
		return false // package patch says what is wrong
	}
	asks := false
	root.Walk(func(v tree.Value) bool {
		asks = asks || v.Kind() == tree.String && probing(v)
		return !asks
	})
	return asks
}

// probingJSON: of JSON Patch, operations other than add, remove and replace.
func probingJSON(v tree.Value) bool {
	return v.Key() == "op" && !writing[v.Text()]
}

var writing = map[string]bool{"add": true, "remove": true, "replace": true}

// probingFHIRPath: of FHIRPath Patch, a move, and what is more than a path of names
// and places.
func probingFHIRPath(v tree.Value) bool {
	switch v.Key() {
	case "valueCode":
		return v.Text() == "move"
	case "valueString":
		return v.Parent().Get("name").Text() == "path" && strings.Trim(v.Text(), pathLetters) != ""
	}
	return false
}

const pathLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.[]"

// hushed is a refusal that tells who may not read nothing but that it is one. A
// document that is wrong in itself may be told.
func (p *patching) hushed(err error) error {
	if !p.blind || errs.Is(err, errs.Invalid) {
		return err
	}
	return errs.Wrap(err, errs.Unprocessable, "the patch does not fit what is there; who may not read it is not told how")
}

// hide takes the bodies out of the results of blind patches.
func hide(changes []*change, results []Result) {
	for i, c := range changes {
		if c.patch != nil && c.patch.blind {
			results[i].Resource.Body = nil
		}
	}
}
