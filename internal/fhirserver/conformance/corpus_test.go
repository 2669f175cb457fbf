package conformance

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
)

// thing is a resource as the brute force knows it: raw JSON, and what the other
// FHIRPath engine finds in it by each search parameter.
type thing struct {
	typ, id string
	body    body
	values  map[string][]value
}

// corpus is what is stored: HL7's examples, and whole synthetic patients.
type corpus struct {
	examples  []example
	synthetic []body
	byType    map[string][]*thing
	byPlace   map[string]*thing // Type/id
	params    map[string][]parameter
	ways      []*way
}

// syntheticPatients are loaded beside the examples: the smallest bundles.
const syntheticPatients = 3

// unsearched is not asked for over HTTP: the server's own log.
const unsearched = "AuditEvent"

func readCorpus(t testing.TB) *corpus {
	t.Helper()
	c := &corpus{examples: examples(t), byType: map[string][]*thing{}, byPlace: map[string]*thing{}}
	c.synthetic = syntheticResources(t)
	dir, files, types := t.TempDir(), []string{}, []string{}
	byFile := map[string]*thing{}
	add := func(src []byte) {
		b := parsed(t, src)
		one := &thing{member(b, "resourceType"), member(b, "id"), b, map[string][]value{}}
		file := filepath.Join(dir, one.typ+"-"+one.id+".json")
		if err := os.WriteFile(file, src, 0o600); err != nil {
			t.Fatal(err)
		}
		files, types, byFile[filepath.Base(file)] = append(files, file), append(types, one.typ), one
		c.byType[one.typ], c.byPlace[one.typ+"/"+one.id] = append(c.byType[one.typ], one), one
	}
	for _, e := range c.examples {
		if misreferring[e.file] == "" && e.typ != unsearched {
			add(e.sent)
		}
	}
	for _, b := range c.synthetic {
		src, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		add(src)
	}
	slices.Sort(types)
	c.params = parameters(t, slices.Compact(types))
	for typ, list := range c.params {
		list = slices.DeleteFunc(list, func(p parameter) bool { return typ == "Subscription" && p.Code == "_tag" }) // its owner's label stands there
		c.params[typ] = list
		slices.SortFunc(list, func(a, b parameter) int { return strings.Compare(a.Code, b.Code) })
	}
	for _, f := range oracleOf(t, files, c.params) {
		one := byFile[f.File]
		one.values[f.Code] = append(one.values[f.Code], f.Values...)
	}
	c.impliedSystems(t)
	c.findWays()
	return c
}

func parsed(t testing.TB, src []byte) (b body) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	return b
}

// syntheticResources are those of the first bundles, under ids that are known
// beforehand and with references that are resolved, so that they are the same in
// every database.
func syntheticResources(t testing.TB) (all []body) {
	t.Helper()
	files := fhirtest.Files(t, "synthea")
	shared := slices.IndexFunc(files, func(f string) bool { return !strings.HasPrefix(filepath.Base(f), "0-") })
	patients := slices.Clone(files[shared:])
	slices.SortFunc(patients, func(a, b string) int { return int(size(t, a) - size(t, b)) })
	places, seen := map[string]string{}, map[string]bool{} // what a reference says -> Type/id
	for _, file := range append(slices.Clone(files[:shared]), patients[:syntheticPatients]...) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list(parsed(t, src), "entry") {
			r := e.(body)["resource"].(body)
			place := member(r, "resourceType") + "/" + strings.TrimPrefix(member(e.(body), "fullUrl"), "urn:uuid:")
			if _, r["id"], _ = strings.Cut(place, "/"); seen[place] {
				t.Fatalf("%s twice", place)
			}
			places[member(e.(body), "fullUrl")], seen[place] = place, true
			for _, i := range list(r, "identifier") {
				places[member(r, "resourceType")+"?identifier="+at(i, "system")+"|"+at(i, "value")] = place
			}
			all = append(all, r)
		}
	}
	for _, r := range all {
		resolve(r, places)
	}
	return all
}

func size(t testing.TB, file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func resolve(v any, places map[string]string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			resolve(one, places)
		}
	case body:
		if to, ok := places[member(v, "reference")]; ok {
			v["reference"] = to
		}
		for one := range maps.Values(v) {
			resolve(one, places)
		}
	}
}

// keepAll stores the corpus.
func (s *site) keepAll(t *testing.T, c *corpus) {
	t.Helper()
	s.load(t, c.examples)
	for some := range slices.Chunk(c.synthetic, 500) {
		s.stored(t, some)
	}
}
