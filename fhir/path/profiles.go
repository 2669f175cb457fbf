package path

import "tributary/fhir/tree"

// Profiles answers conformsTo(). known is false where it does not have the
// profile, named by its canonical with or without |version; the function is
// empty then. An error ends the evaluation.
type Profiles interface {
	ConformsTo(resource tree.Value, profile string) (conforms, known bool, err error)
}

// profileFunctions are those of FHIR R4, section 2.9.2, that ask Profiles.
var profileFunctions = map[string]function{
	"conformsTo": {1, 1, conformsTo, nil},
}

func conformsTo(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	profile, ok, err := r.text(s, args[0])
	if err != nil || !ok || len(in) != 1 {
		return out, err
	}
	v, isNode := in[0].Node()
	if !isNode {
		return out, fail("conformsTo() expects a resource, there is %s", in[0].Type())
	}
	if r.env.Profiles == nil {
		return out, fail("conformsTo() has no profiles here")
	}
	conforms, known, err := r.env.Profiles.ConformsTo(v, profile)
	if err != nil {
		return out, failBecause(err, "the profiles did not answer conformsTo()")
	}
	if known {
		out = boolean(out, conforms)
	}
	return out, nil
}
