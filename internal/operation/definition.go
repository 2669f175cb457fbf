package operation

import (
	_ "embed" // R4's operations
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS

//go:embed r4.txt
var table string

// Parameter is one of an operation's parameters (R4, OperationDefinition.parameter).
type Parameter struct {
	Name       string      `json:"name"`
	Use        string      `json:"use"` // in or out
	Min        int         `json:"min"`
	Max        string      `json:"max"`
	Type       string      `json:"type,omitempty"` // "" of one with parts
	SearchType string      `json:"searchType,omitempty"`
	Part       []Parameter `json:"part,omitempty"`
}

// Definition is an operation as its OperationDefinition tells of it.
type Definition struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	URL          string      `json:"url"`
	Version      string      `json:"version,omitempty"`
	Name         string      `json:"name"`
	Status       string      `json:"status"`
	Kind         string      `json:"kind"`
	Description  string      `json:"description,omitempty"`
	AffectsState bool        `json:"affectsState"`
	Code         string      `json:"code"`
	Resource     []string    `json:"resource,omitempty"`
	System       bool        `json:"system"`
	Type         bool        `json:"type"`
	Instance     bool        `json:"instance"`
	Parameter    []Parameter `json:"parameter,omitempty"`
}

// JSON is the OperationDefinition.
func (d Definition) JSON() []byte {
	src, err := json.Marshal(d)
	if err != nil {
		panic("operation: " + err.Error()) // of our own types, none of which can fail
	}
	return src
}

// Definitions are those of all operations that the routes name, one for each
// canonical: HL7's as R4 has them, others from what their routes say.
func Definitions(routes []Route) (all []Definition) {
	seen := map[string]bool{}
	for _, r := range routes {
		if r.Name == "" || r.Definition == "" || seen[r.Definition] {
			continue
		}
		seen[r.Definition] = true
		d, known := r4()[r.Definition]
		if !known {
			d = describe(r, routes)
		}
		all = append(all, d)
	}
	return all
}

// describe makes the definition of an operation that R4 does not define, from all
// routes of that canonical and from further ones of the same operation.
func describe(r Route, routes []Route) Definition {
	d := Definition{
		ResourceType: "OperationDefinition", ID: lastStep(r.Definition), URL: r.Definition, Status: "active", Kind: "operation",
		Name: nameOf(lastStep(r.Definition)), Code: r.Name, Description: r.About, Parameter: r.Parameters,
	}
	read := false
	for _, o := range routesOf(r, routes) {
		place := strings.Trim(strings.TrimSuffix(o.Path, lastStep(o.Path)), "/")
		d.System = d.System || place == ""
		d.Instance = d.Instance || strings.Contains(place, "/")
		d.Type = d.Type || place != "" && !strings.Contains(place, "/")
		read = read || o.Method == http.MethodGet
		for _, typ := range o.Types {
			if !slices.Contains(d.Resource, typ) {
				d.Resource = append(d.Resource, typ)
			}
		}
	}
	d.AffectsState = r.Changes || !read // what changes nothing can be asked by GET
	if len(d.Resource) == 0 && (d.Type || d.Instance) {
		d.Resource = []string{"Resource"}
	}
	return d
}

// routesOf are the routes of an operation: those with its canonical, further methods
// of their paths, and further paths that end as theirs do and are of no other.
func routesOf(r Route, routes []Route) (own []Route) {
	named := map[string]string{} // canonicals by path
	for _, o := range routes {
		if o.Definition != "" {
			named[o.Path] = o.Definition
		}
	}
	for _, o := range routes {
		of, known := named[o.Path]
		if of == r.Definition || !known && lastStep(o.Path) == "$"+r.Name {
			own = append(own, o)
		}
	}
	return own
}

func lastStep(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// nameOf makes of group-export a name that programs can use (opd-0): GroupExport.
func nameOf(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(c rune) bool { return c == '-' || c == '.' || c == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

const r4Base = "http://hl7.org/fhir/OperationDefinition/"

// r4 are HL7's operations by their canonical.
var r4 = sync.OnceValue(func() map[string]Definition {
	all := map[string]Definition{}
	var d Definition
	var at []*[]Parameter // where parameters of each depth go
	for line := range strings.Lines(table) {
		f := strings.Split(strings.Trim(line, "\n"), "\t")
		depth := len(f[0]) - len(strings.TrimLeft(f[0], " "))
		if depth == 0 {
			if d.URL != "" {
				all[d.URL] = d
			}
			d = operationOf(f)
			at = []*[]Parameter{&d.Parameter}
			continue
		}
		at = at[:depth]
		list := at[depth-1]
		*list = append(*list, parameterOf(f))
		at = append(at, &(*list)[len(*list)-1].Part)
	}
	all[d.URL] = d
	return all
})

func operationOf(f []string) Definition {
	d := Definition{
		ResourceType: "OperationDefinition", ID: f[0], URL: r4Base + f[0], Version: "4.0.1", Status: "draft", Code: f[1], Kind: f[2], Name: nameOf(f[0]),
		System: strings.Contains(f[3], "s"), Type: strings.Contains(f[3], "t"), Instance: strings.Contains(f[3], "i"), AffectsState: strings.Contains(f[3], "a"),
		Description: f[5],
	}
	if f[4] != "" {
		d.Resource = strings.Split(f[4], ",")
	}
	return d
}

func parameterOf(f []string) Parameter {
	min, err := strconv.Atoi(f[2])
	if err != nil {
		panic("operation: r4.txt: " + err.Error()) // generated, and tested
	}
	return Parameter{Name: strings.TrimLeft(f[0], " "), Use: f[1], Min: min, Max: f[3], Type: f[4], SearchType: f[5]}
}
