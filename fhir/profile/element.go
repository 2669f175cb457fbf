package profile

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// element is what a profile asks of one element, or of one slice of it.
type element struct {
	name        string // without [x]
	slice       string // name of the slice; "" of the element itself
	min, max    int    // max -1 is unbounded
	given       bool   // R4 itself asks for one
	types       []typeRef
	fixed       tree.Value
	pattern     tree.Value
	maxLength   int
	least, most tree.Value // minValue[x], maxValue[x]
	binding     *binding
	baseSet     string // the value set that R4 requires here
	invariants  []*invariant
	slicing     *slicing
	tells       []discriminator // of a slice
	slices      []*element
	kids        []*element
	like        *element // whose children stand for its own (contentReference)
	model       *model.Type
	asked       bool // something is asked of the element or below it
}

// typeRef is one type that an element may have.
type typeRef struct {
	code     string
	profiles []string // of the value
	targets  []string // of what a Reference or canonical names
}

type binding struct {
	strength string // required, extensible, or what is not looked at
	set, max string // canonicals; max: codes that an extensible binding may not leave
}

type invariant struct {
	key, human string
	warning    bool
	expr       *path.Expr
	native     func(item) bool // instead of expr
	text       string
}

type slicing struct {
	rules          string // open, closed, openAtEnd
	ordered        bool
	discriminators []discriminator
	blind          bool // the discriminators of some slice could not be worked out
}

// unbounded is the max that * stands for.
const unbounded = -1

func (e *element) kid(name string) *element {
	for _, k := range e.children() {
		if k.name == name {
			return k
		}
	}
	return nil
}

func (e *element) children() []*element {
	if e.like != nil && len(e.kids) == 0 {
		return e.like.kids
	}
	return e.kids
}

// sliceNamed finds a slice; those of a slice (reslices) are named a/b.
func (e *element) sliceNamed(name string) *element {
	for _, s := range e.slices {
		if s.slice == name {
			return s
		}
		if strings.HasPrefix(name, s.slice+"/") {
			if found := s.sliceNamed(name); found != nil {
				return found
			}
		}
	}
	return nil
}

// addSlice adds a slice, a reslice to the slice that it divides.
func (e *element) addSlice(name string) *element {
	if found := e.sliceNamed(name); found != nil {
		return found
	}
	owner := e
	for cut := strings.LastIndexByte(name, '/'); cut > 0; cut = strings.LastIndexByte(name[:cut], '/') {
		if of := e.sliceNamed(name[:cut]); of != nil {
			owner = of
			break
		}
	}
	s := &element{name: e.name, slice: name, max: unbounded, model: e.model, baseSet: e.baseSet}
	owner.slices = append(owner.slices, s)
	return s
}

// addKid adds a child with the type that the R4 model gives it.
func (e *element) addKid(name string) *element {
	if found := e.kid(name); found != nil && (e.like == nil || len(e.kids) > 0) {
		return found
	}
	k := &element{name: name, max: unbounded}
	if m := e.model; m != nil {
		if of, ok := m.Element(name); ok {
			k.baseSet, k.given = of.ValueSet, of.Required
			if len(of.Types) == 1 {
				k.model = of.TypeAt(0)
			}
		}
	}
	e.kids = append(e.kids, k)
	return k
}

// clone copies the tree, so that a differential can be laid over it.
func (e *element) clone(made map[*element]*element) *element {
	if e == nil {
		return nil
	}
	if done := made[e]; done != nil {
		return done
	}
	c := *e
	made[e] = &c
	c.invariants = slices.Clone(e.invariants)
	c.kids, c.slices = cloneAll(e.kids, made), cloneAll(e.slices, made)
	c.like = e.like.clone(made)
	if e.slicing != nil {
		s := *e.slicing
		c.slicing = &s
	}
	return &c
}

func cloneAll(list []*element, made map[*element]*element) []*element {
	out := make([]*element, len(list))
	for i, e := range list {
		out[i] = e.clone(made)
	}
	return out
}

// settle tells which subtrees ask for anything, so that the others are not walked.
func (e *element) settle(seen map[*element]bool) bool {
	if seen[e] {
		return e.asked
	}
	seen[e] = true
	e.asked = e.min > 0 || e.max != unbounded || len(e.types) > 0 || e.fixed.Exists() || e.pattern.Exists() || e.maxLength > 0 ||
		e.least.Exists() || e.most.Exists() || e.binding != nil || len(e.invariants) > 0 || e.slicing != nil
	for _, list := range [][]*element{e.kids, e.slices} {
		for _, k := range list {
			if k.settle(seen) {
				e.asked = true
			}
		}
	}
	e.asked = e.asked || e.like != nil
	return e.asked
}
