package path

import "tributary/fhir/tree"

// Terminology answers memberOf(), subsumes() and subsumedBy(). known is false
// where it does not have the value set or code system, or cannot tell; the
// function is empty then. An error ends the evaluation.
type Terminology interface {
	// MemberOf tells whether a value set, named by its canonical with or without
	// |version, contains the code. system is "" for an element of type code and
	// for a string: the value set's only system is meant then.
	MemberOf(valueSet, system, code string) (member, known bool, err error)
	// Subsumes relates code a to code b of a system, with the words of the
	// operation $subsumes: "equivalent", "subsumes" (a is the wider one),
	// "subsumed-by" or "not-subsumed".
	Subsumes(system, a, b string) (outcome string, known bool, err error)
}

// terminologyFunctions are those of FHIR R4, section 2.9.2, that ask a Terminology.
var terminologyFunctions = map[string]function{
	"memberOf":   {1, 1, memberOf, nil},
	"subsumedBy": {1, 1, subsumption("subsumed-by"), nil},
}

// concept is a code as a Terminology takes it.
type concept struct{ system, code string }

// concepts are the codes of an item: a Coding's, a CodeableConcept's several, a
// Quantity's unit, or a code or string alone. ok is false for items that hold none.
func (i Item) concepts(out []concept) (all []concept, ok bool) {
	if s, isText := i.value().(string); isText {
		return append(out, concept{code: s}), true
	}
	if i.form != formNode || i.node.Kind() != tree.Object {
		return out, false
	}
	if list := i.node.Get("coding"); list.Exists() || i.Type() == "CodeableConcept" {
		for c := range list.Elements() {
			out = codeOf(c, out)
		}
		return out, true
	}
	return codeOf(i.node, out), i.Type() == "Coding" || i.isQuantity()
}

// codeOf appends what a Coding or Quantity names.
func codeOf(v tree.Value, out []concept) []concept {
	if code := v.Get("code").Text(); code != "" {
		out = append(out, concept{v.Get("system").Text(), code})
	}
	return out
}

// memberOf is true if any of the item's codes is in the value set; empty when
// none is, and of one it is not known.
func memberOf(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	valueSet, ok, err := r.text(s, args[0])
	if err != nil || !ok || len(in) != 1 {
		return out, err
	}
	if r.env.Terminology == nil {
		return out, fail("memberOf() has no terminology here")
	}
	codes, ok := in[0].concepts(nil)
	if !ok {
		return out, fail("memberOf() expects a code, a Coding or a CodeableConcept, there is %s", in[0].Type())
	}
	sure := true
	for _, c := range codes {
		member, known, err := r.env.Terminology.MemberOf(valueSet, c.system, c.code)
		if err != nil {
			return out, failBecause(err, "the terminology did not answer memberOf()")
		}
		if member && known {
			return boolean(out, true), nil
		}
		sure = sure && known
	}
	if sure && len(codes) > 0 {
		out = boolean(out, false)
	}
	return out, nil
}

// subsumption is true if one of the input's codes relates to one of the
// argument's, of the same system, as asked or is equivalent to it.
func subsumption(want string) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		other, ok, err := r.single(s, args[0])
		if err != nil || !ok || len(in) != 1 {
			return out, err
		}
		if r.env.Terminology == nil {
			return out, fail("%s() has no terminology here", subsumptionNames[want])
		}
		left, okLeft := in[0].concepts(nil)
		right, okRight := other.concepts(nil)
		if !okLeft || !okRight {
			return out, fail("%s() expects codings", subsumptionNames[want])
		}
		related, known, err := r.related(left, right, want)
		if err == nil && known {
			out = boolean(out, related)
		}
		return out, err
	}
}

var subsumptionNames = map[string]string{"subsumes": "subsumes", "subsumed-by": "subsumedBy"}

func (r *run) related(left, right []concept, want string) (related, known bool, err error) {
	known = len(left) > 0 && len(right) > 0
	for _, a := range left {
		for _, b := range right {
			if a.system != b.system {
				continue
			}
			if err := r.spend(1); err != nil {
				return false, false, err
			}
			outcome, sure, err := r.env.Terminology.Subsumes(a.system, a.code, b.code)
			if err != nil {
				return false, false, failBecause(err, "the terminology did not answer %s()", subsumptionNames[want])
			}
			if sure && (outcome == want || outcome == "equivalent") {
				return true, true, nil
			}
			known = known && sure
		}
	}
	return false, known, nil
}
