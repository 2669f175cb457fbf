package terminology

import (
	"strconv"
	"strings"

	"tributary/fhir/tree"
)

// ValueSet is a compiled value set: its definition, and the expansion that is
// stored in it.
type ValueSet struct {
	URL, Version, Name, Title, Status string
	include, exclude                  []part
	onlyActive                        bool // compose.inactive is false
	stored                            []Entry
	storedAt                          map[codeKey]int32
	contained                         map[string]*CodeSystem // by url and by #id: code systems that it carries along
	partial                           bool                   // the stored expansion is a page, or says that it is not closed
	size                              int
}

// codeKey is a code of a system.
type codeKey struct{ system, code string }

// part is one include or exclude: the codes of the system that are listed or that
// pass the filters, else all of it; of these, those that all the value sets have.
type part struct {
	system, version string
	listed          []listed
	at              map[string]int32
	filters         []filter
	sets            []string
}

// listed is a concept that a value set names.
type listed struct {
	code, display string
	designations  []Designation
}

// CompileValueSet reads a ValueSet resource; it does not keep its bytes.
func CompileValueSet(root tree.Value) *ValueSet {
	v := &ValueSet{
		URL: copied(root, "url"), Version: copied(root, "version"), Name: copied(root, "name"), Title: copied(root, "title"),
		Status: copied(root, "status"), size: 512,
	}
	v.carry(root.Get("contained"))
	compose := root.Get("compose")
	v.include, v.exclude = v.parts(compose.Get("include")), v.parts(compose.Get("exclude"))
	v.onlyActive = compose.Get("inactive").Kind() == tree.Bool && !compose.Get("inactive").True()
	v.readStored(root.Get("expansion"))
	return v
}

// carry compiles the code systems that the value set contains.
func (v *ValueSet) carry(contained tree.Value) {
	for c := range contained.Elements() {
		if c.Get("resourceType").Text() != "CodeSystem" {
			continue
		}
		if v.contained == nil {
			v.contained = map[string]*CodeSystem{}
		}
		s := CompileCodeSystem(c)
		v.contained[s.URL], v.contained["#"+copied(c, "id")] = s, s
		v.size += s.size
	}
}

// Size is about how many bytes the value set occupies.
func (v *ValueSet) Size() int { return v.size }

// Composed reports whether it has a definition.
func (v *ValueSet) Composed() bool { return len(v.include) > 0 }

func (v *ValueSet) parts(list tree.Value) (parts []part) {
	for p := range list.Elements() {
		one := part{system: v.url(copied(p, "system")), version: copied(p, "version"), at: map[string]int32{}}
		for c := range p.Get("concept").Elements() {
			one.list(listed{code: copied(c, "code"), display: copied(c, "display"), designations: readDesignations(c)})
			v.size += 160 + 2*len(c.Raw())
		}
		for f := range p.Get("filter").Elements() {
			one.filters = append(one.filters, newFilter(copied(f, "property"), copied(f, "op"), copied(f, "value")))
			v.size += 200 + 2*len(f.Raw())
		}
		for set := range p.Get("valueSet").Elements() {
			one.sets = append(one.sets, strings.Clone(set.Text()))
		}
		parts = append(parts, one)
	}
	return parts
}

// url of a code system, which may be named as contained.
func (v *ValueSet) url(system string) string {
	if s := v.contained[system]; s != nil {
		return s.URL
	}
	return system
}

func (p *part) list(c listed) {
	if _, twice := p.at[c.code]; !twice {
		p.at[c.code] = int32(len(p.listed))
		p.listed = append(p.listed, c)
	}
}

// canonical is how the part names its code system.
func (p *part) canonical() string {
	if p.version == "" {
		return p.system
	}
	return p.system + "|" + p.version
}

// whole reports whether the part is all of a code system.
func (p *part) whole() bool {
	return p.system != "" && len(p.listed) == 0 && len(p.filters) == 0 && len(p.sets) == 0
}

// unclosed are the extensions by which an expansion says that it does not hold all.
var unclosed = map[string]bool{
	"http://hl7.org/fhir/StructureDefinition/valueset-unclosed":  true,
	"http://hl7.org/fhir/StructureDefinition/valueset-toocostly": true,
}

func (v *ValueSet) readStored(expansion tree.Value) {
	v.storedAt = map[codeKey]int32{}
	v.store(expansion.Get("contains"), 0)
	total := expansion.Get("total").Text()
	v.partial = expansion.Get("offset").Exists() && total != strconv.Itoa(len(v.stored))
	for e := range expansion.Get("extension").Elements() {
		v.partial = v.partial || unclosed[e.Get("url").Text()] && !(e.Get("valueBoolean").Exists() && !e.Get("valueBoolean").True())
	}
}

// store flattens the expansion; what only groups others has no code, or is abstract.
func (v *ValueSet) store(contains tree.Value, depth int32) {
	for c := range contains.Elements() {
		e := Entry{
			System: copied(c, "system"), Version: copied(c, "version"), Code: copied(c, "code"), Display: copied(c, "display"),
			Abstract: c.Get("abstract").True(), Inactive: c.Get("inactive").True(), Designations: readDesignations(c), depth: depth,
		}
		key := codeKey{e.System, e.Code}
		if _, twice := v.storedAt[key]; e.Code != "" && !e.Abstract && !twice {
			v.storedAt[key] = int32(len(v.stored))
			v.stored = append(v.stored, e)
			v.size += 300 + len(e.Display)
		}
		v.store(c.Get("contains"), depth+1)
	}
}
