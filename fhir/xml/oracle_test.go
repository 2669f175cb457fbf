package xml_test

import (
	"bytes"
	"encoding/json"
	stdxml "encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/xml"
)

func official(t *testing.T) string { return filepath.Join(fhirtest.Data(t, "fhir-test-cases"), "r4") }

// HL7 publishes some examples in both formats; each must become the other.
func TestOfficialPairs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(official(t), "examples", "*.xml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples in XML, %v", len(files), err)
	}
	pairs := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := xml.ToJSON(src)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		roundTrip(t, got, "")
		want, err := os.ReadFile(strings.TrimSuffix(file, "xml") + "json")
		if err != nil {
			continue
		}
		pairs++
		if reason := differ[filepath.Base(file)]; reason != "" {
			t.Logf("%s: %s", filepath.Base(file), reason)
			continue
		}
		if !same(parsed(t, got), parsed(t, want)) {
			t.Errorf("%s:\n%s\nwant\n%s", filepath.Base(file), got, want)
		}
		if out, err := xml.FromJSON(parsed(t, want), ""); err != nil || !slices.Equal(tags(out), tags(src)) {
			t.Errorf("%s is written as\n%s (%v)", filepath.Base(file), out, err)
		}
	}
	if pairs < 5 {
		t.Errorf("%d of them in both formats", pairs)
	}
}

// differ are the pairs whose halves do not say the same.
var differ = map[string]string{
	"observation-decimal.xml": "the JSON writes numbers anew: 1.0e0 as 1.0",
	"observation-example.xml": "the XML has an extension more",
}

// tags are the start tags of a document in their order, without the narrative's.
func tags(src []byte) (list []string) {
	d := stdxml.NewDecoder(bytes.NewReader(src))
	for {
		token, err := d.Token()
		if err != nil {
			return list
		}
		start, ok := token.(stdxml.StartElement)
		if !ok || start.Name.Space != "http://hl7.org/fhir" {
			continue
		}
		text := start.Name.Local
		for _, a := range start.Attr {
			if a.Name.Space == "" {
				text += " " + a.Name.Local + "=" + a.Value
			}
		}
		list = append(list, text)
	}
}

// The official cases of FHIRPath Patch hold many small resources in XML.
func TestResourcesOfOfficialPatches(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(official(t), "patch", "fhir-patch-tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	n, d := 0, stdxml.NewDecoder(bytes.NewReader(src))
	for from := int64(0); ; from = d.InputOffset() {
		token, err := d.Token()
		if err != nil {
			break
		}
		start, ok := token.(stdxml.StartElement)
		if !ok || start.Name.Space != "http://hl7.org/fhir" {
			continue
		}
		if err := d.Skip(); err != nil {
			t.Fatal(err)
		}
		one := src[from:d.InputOffset()]
		json, err := xml.ToJSON(one)
		if err != nil {
			t.Errorf("%v: %s", err, one)
			continue
		}
		n++
		roundTrip(t, json, "")
	}
	if n < 60 {
		t.Errorf("%d resources", n)
	}
}

// npm's package fhir maps both ways and shares no code with this one: it must read
// what is written here, and what it writes must be read here.
func TestAnotherMapping(t *testing.T) {
	modules := os.Getenv("TRIBUTARY_NODE_MODULES")
	if modules == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is unset: no other mapping to compare with")
	}
	files, work := fhirtest.Files(t, "r4-examples"), t.TempDir()
	small := files[:0]
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(file); len(src) > 100<<10 || otherwise[name] != "" {
			continue
		}
		small = append(small, file)
		out, err := xml.FromJSON(parsed(t, src), "")
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for suffix, content := range map[string][]byte{".json": src, ".ours.xml": out} {
			if err := os.WriteFile(filepath.Join(work, filepath.Base(file)+suffix), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	run := exec.Command("node", "-e", otherMapping, work)
	run.Env = append(os.Environ(), "NODE_PATH="+modules)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(small) < 500 {
		t.Errorf("only %d examples", len(small))
	}
	for _, file := range small {
		agrees(t, file, filepath.Join(work, filepath.Base(file)))
	}
}

// agrees holds an example against what the other mapping read and wrote of it.
func agrees(t *testing.T, file, other string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := os.ReadFile(other + ".theirs.json")
	if err != nil {
		t.Fatal(err)
	}
	if want := loose(t, src); !reflect.DeepEqual(loose(t, read), want) {
		t.Errorf("%s: what is written here is read as\n%.3000s", filepath.Base(file), read)
	}
	if bytes.Contains(src, []byte(`"timingTiming": {`)) && bytes.Contains(src, []byte(`"_event"`)) {
		return // it writes no extension of an element without a value
	}
	written, err := os.ReadFile(other + ".theirs.xml")
	if err != nil {
		t.Fatal(err)
	}
	back, err := xml.ToJSON(written)
	if err != nil {
		t.Errorf("%s: what it writes is refused: %v", filepath.Base(file), err)
		return
	}
	if want := loose(t, src); !reflect.DeepEqual(loose(t, back), want) {
		t.Errorf("%s: what it writes is read here as\n%.3000s", filepath.Base(file), back)
	}
}

// otherMapping reads our XML and writes its own, for each example in a folder.
const otherMapping = `
const fs = require('fs'), path = require('path'), { Fhir } = require('fhir'), fhir = new Fhir(), dir = process.argv[1];
for (const f of fs.readdirSync(dir).filter(f => f.endsWith('.ours.xml'))) {
  const base = path.join(dir, f.slice(0, -'.ours.xml'.length)), read = name => fs.readFileSync(base + name, 'utf8');
  fs.writeFileSync(base + '.theirs.json', fhir.xmlToJson(read('.ours.xml')));
  fs.writeFileSync(base + '.theirs.xml', fhir.jsonToXml(read('.json')));
}`

// otherwise are the examples that the other mapping cannot read.
var otherwise = map[string]string{"Observation-decimal.json": "it knows no exponents"}

// loose is JSON without what the other mapping does not keep: the text of numbers,
// and the narrative, which it writes anew; it also writes empty lists.
func loose(t *testing.T, src []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	return without(v, "div")
}

func without(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, name)
		for key := range v {
			if list, ok := v[key].([]any); ok && len(list) == 0 {
				delete(v, key)
				continue
			}
			v[key] = without(v[key], name)
		}
	case []any:
		for i := range v {
			v[i] = without(v[i], name)
		}
	}
	return v
}
