package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
)

// parameter is a SearchParameter of R4's definitions, on one type.
type parameter struct {
	Code    string   `json:"code"`
	Terms   []string `json:"terms"`           // its expression's, of this type
	Parts   []string `json:"parts,omitempty"` // expressions of a composite's components
	id      string
	kind    string
	kinds   []string // of the components
	types   []string // a reference's targets
	narrow  bool     // only references to some type, of an element that may lead to others
	systems []string // of the codes of an element that has no system of its own
}

type searchParameter struct {
	ID, URL, Code, Type, Expression string
	Base, Target                    []string
	Component                       []struct{ Definition, Expression string }
}

// unasked are the parameters that the comparison leaves out, by id.
var unasked = map[string]string{
	"DomainResource-text":                          "searches text, by no expression",
	"Resource-content":                             "searches text, by no expression",
	"Resource-query":                               "names a query, by no expression",
	"Resource-lastUpdated":                         "is the server's, not the example's",
	"InsurancePlan-phonetic":                       "compares sounds, which is not served, listed nor ignored",
	"Organization-phonetic":                        "compares sounds, which is not served, listed nor ignored",
	"individual-phonetic":                          "compares sounds, which is not served, listed nor ignored",
	"Location-near":                                "is special: a distance, not a value",
	"filter":                                       "is an example of a SearchParameter: of _filter, by no expression",
	"patient-extensions-Patient-age":               "has no expression in R4",
	"patient-extensions-Patient-birthOrderBoolean": "has no expression in R4",
	"example":                                      "is an example of a SearchParameter, not one of R4's own",
	"example-extension":                            "is an example of a SearchParameter, not one of R4's own",
	"example-reference":                            "is an example of a SearchParameter, not one of R4's own",
}

// parameters reads R4's definitions: by resource type, those of the types asked for.
func parameters(t testing.TB, types []string) map[string][]parameter {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(fhirtest.Data(t, "r4-definitions"), "SearchParameter-*.json"))
	if err != nil || len(files) < 1000 {
		t.Fatalf("%d definitions, %v", len(files), err)
	}
	byURL := map[string]searchParameter{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p searchParameter
		if err := json.Unmarshal(src, &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		byURL[p.URL] = p
	}
	all := map[string][]parameter{}
	for _, p := range byURL {
		for _, typ := range types {
			if unasked[p.ID] != "" || !p.on(typ) {
				continue
			}
			q := p.of(typ, byURL)
			if len(q.Terms) == 0 {
				t.Errorf("%s has no expression on %s: %s", p.ID, typ, p.Expression)
			}
			all[typ] = append(all[typ], q)
		}
	}
	return all
}

func (p searchParameter) on(typ string) bool {
	return slices.Contains(p.Base, typ) || slices.Contains(p.Base, "Resource") || slices.Contains(p.Base, "DomainResource")
}

func (p searchParameter) of(typ string, byURL map[string]searchParameter) parameter {
	q := parameter{Code: p.Code, id: p.ID, kind: p.Type, types: p.Target}
	for _, term := range split(p.Expression) {
		q.narrow = q.narrow || rootOf(term) == typ && strings.Contains(term, "resolve()")
		switch root := rootOf(term); {
		case root == typ:
			q.Terms = append(q.Terms, rewritten(term))
		case root == "Resource" || root == "DomainResource":
			q.Terms = append(q.Terms, rewritten(strings.Replace(term, root, typ, 1)))
		case root == strings.ToLower(root): // InsurancePlan-name is "name | alias"
			q.Terms = append(q.Terms, rewritten(typ+"."+term))
		}
	}
	for _, c := range p.Component {
		q.Parts = append(q.Parts, rewritten(c.Expression))
		q.kinds = append(q.kinds, byURL[c.Definition].Type)
	}
	return q
}

// split parts a union at its outermost bars.
func split(expression string) []string {
	var terms []string
	depth, from := 0, 0
	for i, c := range expression {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			terms, from = append(terms, strings.TrimSpace(expression[from:i])), i+1
		}
	}
	return append(terms, strings.TrimSpace(expression[from:]))
}

func rootOf(term string) string {
	term = strings.TrimLeft(term, "( ")
	if i := strings.IndexAny(term, ". )"); i >= 0 {
		term = term[:i]
	}
	return term
}

var (
	hasExtension = regexp.MustCompile(`hasExtension\(([^)]*)\)`)
	asOperator   = regexp.MustCompile(`\(([^()|]+) as (\w+)\)`)
	resolvesTo   = regexp.MustCompile(`resolve\(\) is (\w+)`)
)

// rewritten writes "as" as ofType, since R4's parameters apply it to collections,
// hasExtension, which the other engine does not know, as what it stands for, and
// tells from a reference's text what it leads to.
func rewritten(expression string) string {
	expression = hasExtension.ReplaceAllString(expression, "extension($1).exists()")
	expression = resolvesTo.ReplaceAllString(expression, `reference.matches('^(.*/)?$1/[^/]+(/_history/[^/]+)?$$')`)
	return strings.ReplaceAll(asOperator.ReplaceAllString(expression, "$1.ofType($2)"), ".as(", ".ofType(")
}

// value is what the other engine finds: of a composite, the values of each part.
type value struct {
	Type  string
	Value any
	Parts [][]value
}

// finding is what a parameter finds in a file.
type finding struct {
	File, Code string
	Values     []value
}

// oracle asks the npm package fhirpath for the values of all parameters in all examples.
func oracle(t testing.TB, params map[string][]parameter) []finding {
	t.Helper()
	return oracleOf(t, fhirtest.Files(t, "r4-examples"), params)
}

// oracleOf asks the same of any files.
func oracleOf(t testing.TB, files []string, params map[string][]parameter) []finding {
	t.Helper()
	if os.Getenv("TRIBUTARY_NODE_MODULES") == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is unset: no other engine to compare with")
	}
	in, err := json.Marshal(map[string]any{"files": files, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "oracle.mjs"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []finding
	d := json.NewDecoder(bytes.NewReader(out))
	d.UseNumber()
	for d.More() {
		var f finding
		if err := d.Decode(&f); err != nil {
			t.Fatal(err)
		}
		f.File = filepath.Base(f.File)
		all = append(all, f)
	}
	return all
}
