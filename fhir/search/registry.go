package search

import (
	_ "embed" // the tables
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS

//go:embed params.txt
var paramTable string

//go:embed systems.txt
var systemTable string

// Registry knows the search parameters of every resource type. It is safe for
// concurrent use. That of Base is immutable; one of Live stands for the immutable
// one that was last given to it (see Use), by an atomic pointer: what reads it takes
// no lock, and one call sees one state.
type Registry struct {
	types   map[string]*typeParams
	systems map[string]string // value set of a required binding -> the system of all its codes
	any     *typeParams       // what a search over all types takes
	customs map[int32]*Param  // by number
	version int64

	unsettled bool
	live      atomic.Pointer[Registry] // of Live: what it stands for now
}

// typeParams are the parameters of a type, and the plan by which they are
// extracted, compiled when the type is first met.
type typeParams struct {
	name        string
	sorted      []*Param
	byCode      map[string]*Param
	compartment []string // codes of the references that lead into the Patient compartment
	plan        func() *plan
}

// Base returns the registry of R4's own parameters.
func Base() *Registry { return base() }

var base = sync.OnceValue(func() *Registry { return read(paramTable, systemTable) })

// Lookup returns the parameter of a type, if it can be searched by; type "" is a
// search over all types.
func (r *Registry) Lookup(typ, code string) (*Param, bool) {
	t, ok := r.typ(typ)
	if !ok {
		return nil, false
	}
	p, ok := t.byCode[code]
	return p, ok && !p.Pending
}

// Params lists the parameters of a type that a client may use, sorted by code.
// The list is shared and must not be changed.
func (r *Registry) Params(typ string) []*Param {
	if t, ok := r.typ(typ); ok {
		return t.sorted
	}
	return nil
}

func (r *Registry) typ(name string) (*typeParams, bool) {
	r = r.now()
	if name == "" {
		return r.any, true
	}
	t, ok := r.types[name]
	return t, ok
}

const (
	parameterURL = "http://hl7.org/fhir/SearchParameter/"
	valueSetURL  = "http://hl7.org/fhir/ValueSet/"
)

// read builds a registry from the generated tables.
func read(params, systems string) *Registry {
	r := &Registry{types: make(map[string]*typeParams, 150), systems: make(map[string]string, 220)}
	for line := range strings.Lines(systems) {
		if name, system, found := strings.Cut(strings.TrimSpace(line), "\t"); found {
			if !absolute(name) {
				name = valueSetURL + name
			}
			r.systems[name] = system
		}
	}
	r.readParams(params)
	var all []string
	for name := range r.types {
		all = append(all, name)
	}
	slices.Sort(all)
	for _, t := range r.types {
		t.complete(all)
		t.plan = sync.OnceValue(func() *plan { return r.compile(t) })
	}
	r.any = &typeParams{byCode: map[string]*Param{}}
	for _, p := range []*Param{{Code: ID, Kind: Token}, {Code: LastUpdated, Kind: Date}} {
		p.URL = r.types["Patient"].byCode[p.Code].URL
		r.any.byCode[p.Code], r.any.sorted = p, append(r.any.sorted, p)
	}
	return r
}

var kinds = map[string]Kind{
	"special": Special, "token": Token, "reference": Reference, "string": String, "date": Date,
	"number": Number, "quantity": Quantity, "uri": URI, "composite": Composite,
}

// String is the kind's name in a SearchParameter.
func (k Kind) String() string {
	for name, kind := range kinds {
		if kind == k {
			return name
		}
	}
	return "unknown"
}

// readParams reads types at the margin, their parameters below them, and the
// components of composites below those.
func (r *Registry) readParams(table string) {
	var t *typeParams
	var p *Param
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		f := strings.Split(strings.TrimLeft(line, "\t"), "\t")
		switch {
		case line[0] == '#':
		case strings.HasPrefix(line, "\t\t"):
			p.Components = append(p.Components, Component{&Param{URL: parameterURL + f[0]}, f[1]})
		case line[0] == '\t':
			p = param(t.name, f)
			t.byCode[p.Code] = p
			t.sorted = append(t.sorted, p)
		default:
			t = &typeParams{name: f[0], byCode: map[string]*Param{}}
			if f[1] != "" {
				t.compartment = strings.Split(f[1], ",")
			}
			r.types[t.name] = t
		}
	}
}

func param(typ string, f []string) *Param {
	number, err := strconv.ParseInt(f[0], 10, 32)
	if err != nil {
		panic("search: " + err.Error()) // the table is generated and tested
	}
	p := &Param{Number: int32(number), Type: typ, Code: f[1], Kind: kinds[f[2]], Expression: f[5]}
	if f[3] != "" {
		p.URL = parameterURL + f[3]
	}
	if f[4] != "" {
		p.Targets = strings.Split(f[4], ",")
	}
	return p
}

// complete resolves what lines of the table say of each other: components,
// "any type", and parameters that share their rows.
func (t *typeParams) complete(all []string) {
	byURL, byMeaning, byPath := map[string]*Param{}, map[string]*Param{}, map[string]*Param{}
	for _, p := range t.sorted {
		byURL[p.URL] = p
		if len(p.Targets) == 1 && p.Targets[0] == "*" {
			p.Targets = all
		}
	}
	for _, p := range t.sorted {
		for i := range p.Components {
			p.Components[i].Param = byURL[p.Components[i].Param.URL]
		}
		if p.Expression != "" && p.Kind != Composite && p.Code != Phonetic {
			meaning := fmt.Sprint(p.Kind, p.Targets, p.Expression)
			if first, ok := byMeaning[meaning]; ok {
				p.Alias = first
				continue
			}
			byMeaning[meaning], byPath[fmt.Sprint(p.Kind, p.Expression)] = p, p
		}
	}
	for _, p := range t.sorted {
		p.aliasByTarget(byPath)
	}
	t.unite()
	t.sorted = slices.DeleteFunc(t.sorted, func(p *Param) bool { return p.Kind == Special && !specials[p.Code] || p.Code == Compartment })
}

// aliasByTarget makes X.subject.where(resolve() is Patient) share the rows of
// X.subject: a query names the target's type anyway. Only when one type remains.
func (p *Param) aliasByTarget(byPath map[string]*Param) {
	path, rest, found := strings.Cut(p.Expression, ".where(resolve() is ")
	if !found || p.Kind != Reference || !strings.HasSuffix(rest, ")") {
		return
	}
	typ := strings.TrimSuffix(rest, ")")
	if strings.ContainsAny(typ, " )|") {
		return
	}
	p.Targets = []string{typ}
	if whole, ok := byPath[fmt.Sprint(Reference, path)]; ok {
		p.Alias = whole
	}
}
