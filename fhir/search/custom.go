package search

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Custom is what a SearchParameter resource asks for on one resource type: a
// search parameter beside R4's own. Number is given once, by the database, and
// never again to another definition.
type Custom struct {
	Number     int32             `json:"-"`
	Type       string            `json:"type"`
	Code       string            `json:"code"`
	URL        string            `json:"url"`
	Kind       string            `json:"kind"` // as in SearchParameter.type
	Expression string            `json:"expression"`
	Targets    []string          `json:"targets,omitempty"`
	Components []CustomComponent `json:"components,omitempty"`
	Pending    bool              `json:"-"` // written from now on, but not yet over what is stored
}

// CustomComponent is a part of a composite: the parameter of the same type that it
// compares like, by its canonical, and the path below the composite's.
type CustomComponent struct {
	Definition string `json:"definition"`
	Expression string `json:"expression"`
}

// FirstCustom is the least number of a custom parameter; R4's own are below it.
const FirstCustom = 1 << 20

// Same tells whether two definitions give the same index rows and queries, so
// that what is indexed by one is indexed by the other.
func (c Custom) Same(d Custom) bool {
	c.Number, c.Pending, d.Number, d.Pending = 0, false, 0, false
	return reflect.DeepEqual(c, d)
}

// Live is a registry that begins as R4's own and takes custom parameters.
func Live() *Registry {
	b := Base()
	r := &Registry{types: b.types, systems: b.systems, any: b.any}
	r.live.Store(b)
	return r
}

// now is the immutable registry that answers.
func (r *Registry) now() *Registry {
	if live := r.live.Load(); live != nil {
		return live
	}
	return r
}

// Version tells states of the registry apart: entries extracted in one are not
// those of another.
func (r *Registry) Version() int64 { return r.now().version }

// Unsettled tells that rows may stand in the index which are not what Extract
// gives of the resources, because it is being brought up to date.
func (r *Registry) Unsettled() bool { return r.now().unsettled }

// Use makes these the custom parameters of a registry of Live; unsettled says that
// the index is not what they say, or not yet. A definition that Check would refuse
// is left out; the faults tell which. Versions grow.
func (r *Registry) Use(version int64, unsettled bool, customs []Custom) []*CustomFault {
	next, faults := derive(r.now(), customs)
	next.version, next.unsettled = version, unsettled
	r.live.Store(next)
	return faults
}

// derive is R4's own registry with custom parameters. Those that stay are the
// same *Param as before: queries that were parsed then still mean them.
func derive(before *Registry, customs []Custom) (*Registry, []*CustomFault) {
	b := Base()
	next := &Registry{types: maps.Clone(b.types), systems: b.systems, any: b.any, customs: map[int32]*Param{}}
	customs = slices.SortedFunc(slices.Values(customs), func(a, b Custom) int { return cmp.Compare(a.Number, b.Number) })
	var faults []*CustomFault
	for _, c := range customs {
		if fault := next.add(before, c); fault != nil {
			faults = append(faults, fault)
		}
	}
	return next, faults
}

// add puts one parameter in, on a copy of its type.
func (r *Registry) add(before *Registry, c Custom) *CustomFault {
	t, ok := r.types[c.Type]
	if !ok {
		return c.fault("base", "there is no resource type %s", c.Type)
	}
	p, fault := t.custom(c)
	if fault != nil {
		return fault
	}
	if old := before.customs[c.Number]; old != nil && reflect.DeepEqual(old, p) {
		p = old
	}
	next := &typeParams{name: t.name, byCode: maps.Clone(t.byCode), compartment: t.compartment, sorted: slices.Clone(t.sorted)}
	next.byCode[p.Code] = p
	if !p.Pending {
		next.sorted = append(next.sorted, p)
		slices.SortFunc(next.sorted, func(a, b *Param) int { return strings.Compare(a.Code, b.Code) })
	}
	next.plan = sync.OnceValue(func() *plan { return r.compile(next) })
	r.types[c.Type], r.customs[c.Number] = next, p
	return nil
}

// custom makes the Param of a definition.
func (t *typeParams) custom(c Custom) (*Param, *CustomFault) {
	if other, taken := t.byCode[c.Code]; taken {
		return nil, c.fault("code", "%s has a search parameter %s already (%s); choose another code", t.name, c.Code, orOwn(other.URL))
	}
	p := &Param{
		Number: c.Number, Type: t.name, Code: c.Code, Kind: kinds[c.Kind], Expression: termsOf(c.Expression, t.name),
		Targets: c.Targets, URL: c.URL, Custom: true, Pending: c.Pending,
	}
	if p.Expression == "" {
		return nil, c.fault("expression", "the expression has no path that begins at %s", t.name)
	}
	for _, part := range c.Components {
		like := t.byURL(part.Definition)
		if like == nil || like.Kind == Composite || like.Kind == Special {
			return nil, c.fault("component", "R4 has no search parameter %s of %s that a component can compare like", clip(part.Definition, 200), t.name)
		}
		p.Components = append(p.Components, Component{like, part.Expression})
	}
	return p, nil
}

func orOwn(url string) string {
	if url == "" {
		return "this server's own"
	}
	return url
}

// byURL finds one of R4's own: a custom one may go while what is made of it stays.
func (t *typeParams) byURL(canonical string) *Param {
	for _, p := range t.byCode {
		if !p.Custom && p.URL != "" && p.URL == withoutVersion(canonical) {
			return p
		}
	}
	return nil
}

// termsOf are the alternatives of an expression that begin at a type: those of
// other types are left out, Resource and DomainResource stand for the type.
func termsOf(expression, typ string) string {
	var kept []string
	for _, term := range split(expression, '|') {
		term = strings.TrimSpace(term)
		bare := strings.TrimLeft(term, "(")
		first := bare[:len(bare)-len(strings.TrimLeft(bare, nameLetters))]
		switch {
		case first == "Resource" || first == "DomainResource":
			open := len(term) - len(bare)
			kept = append(kept, term[:open]+typ+bare[len(first):])
		case first == typ || !resourceName(first):
			kept = append(kept, term)
		}
	}
	return strings.Join(kept, " | ")
}

const nameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Customs are the custom parameters that are in use, by number.
func (r *Registry) Customs() []*Param {
	all := slices.Collect(maps.Values(r.now().customs))
	slices.SortFunc(all, func(a, b *Param) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// Types are the names of all resource types, sorted.
func (r *Registry) Types() []string { return slices.Sorted(maps.Keys(r.now().types)) }

// NumbersOf are the numbers under which index rows of a type may stand.
func (r *Registry) NumbersOf(typ string) (numbers []int32) {
	t, ok := r.typ(typ)
	if !ok || typ == "" {
		return nil
	}
	for _, p := range t.byCode {
		if !p.rowsElsewhere() {
			numbers = append(numbers, p.Number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// ByNumber finds the parameter under whose number index rows stand; it is not for
// hot paths.
func (r *Registry) ByNumber(number int32) (*Param, bool) {
	for _, t := range r.now().types {
		for _, p := range t.byCode {
			if p.Number == number {
				return p, true
			}
		}
	}
	return nil, false
}
