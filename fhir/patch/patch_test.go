package patch

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"tributary/fhir/tree"
)

// person has white space, key order and a decimal that no patch may change.
const person = `{
  "resourceType" : "Patient",
  "name": [
    {"family": "A\u00e9", "given": ["x", "y"], "_given": [null, {"id": "g2"}]}
  ],
  "extension": [{"url": "urn:e", "valueDecimal": 6.50}],
  "birthDate": "1970-01-01",
  "deceasedBoolean": false
}`

func TestJSONKeepsWhatItDoesNotTouch(t *testing.T) {
	for _, c := range []struct{ patch, old, new string }{
		{`[{"op":"replace","path":"/birthDate","value":"1971-02-03"}]`, `"1970-01-01"`, `"1971-02-03"`},
		{`[{"op":"add","path":"/active","value":true}]`, "false\n", "false,\n  \"active\": true\n"},
		{`[{"op":"add","path":"/name/0/given/0","value":"w"}]`, `["x"`, `["w","x"`},
		{`[{"op":"add","path":"/name/0/given/-","value":"z"}]`, `"y"]`, `"y", "z"]`},
		{`[{"op":"remove","path":"/name/0/_given"}]`, `, "_given": [null, {"id": "g2"}]`, ``},
		{`[{"op":"remove","path":"/birthDate"}]`, "\"birthDate\": \"1970-01-01\",\n  ", ``},
		{`[{"op":"test","path":"/extension/0/valueDecimal","value":0.65e1}]`, ``, ``},
		{`[{"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"}]`, `["x", "y"]`, `["y","x"]`},
		{`[{"op":"move","from":"/birthDate","path":"/birthDate"}]`, ``, ``},
		{`[{"op":"copy","from":"/name/0/family","path":"/name/0/text"}]`, `{"id": "g2"}]}`, `{"id": "g2"}], "text": "A\u00e9"}`},
		{`[{"op":"add","path":"/a~1b~0c","value":1},{"op":"remove","path":"/a~1b~0c"}]`, ``, ``},
	} {
		got, err := JSON([]byte(person), []byte(c.patch))
		if want := strings.Replace(person, c.old, c.new, 1); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.patch, err, got, want)
		}
	}
}

func TestJSONRefuses(t *testing.T) {
	for patch, want := range map[string]struct {
		index     int
		malformed bool
	}{
		`{`:  {-1, true},
		`{}`: {-1, true},
		`[{"op":"test","path":"/birthDate","value":"1970-01-01"},{"op":"delete","path":"/birthDate"}]`: {1, true},
		`[{"op":"add","path":"/birthDate"}]`:                         {0, true},
		`[{"op":"add","path":"birthDate","value":1}]`:                {0, true},
		`[{"op":"add","path":"/a~2","value":1}]`:                     {0, true},
		`[{"op":"add","path":7,"value":1}]`:                          {0, true},
		`[{"op":"move","path":"/a"}]`:                                {0, true},
		`[7]`:                                                        {0, true},
		`[{"op":"remove","path":""}]`:                                {0, false},
		`[{"op":"remove","path":"/none"}]`:                           {0, false},
		`[{"op":"replace","path":"/name/1","value":{}}]`:             {0, false},
		`[{"op":"replace","path":"/name/00","value":{}}]`:            {0, false},
		`[{"op":"replace","path":"/name/-","value":{}}]`:             {0, false},
		`[{"op":"add","path":"/name/2","value":{}}]`:                 {0, false},
		`[{"op":"add","path":"/birthDate/x","value":{}}]`:            {0, false},
		`[{"op":"move","from":"/name","path":"/name/0/x"}]`:          {0, false},
		`[{"op":"test","path":"/birthDate","value":"secret"}]`:       {0, false},
		`[{"op":"test","path":"/extension/0/url","value":["urn:"]}]`: {0, false},
	} {
		_, err := JSON([]byte(person), []byte(patch))
		fails(t, patch, err, want.index, want.malformed)
	}
}

func fails(t *testing.T, patch string, err error, index int, malformed bool) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Index != index || e.Malformed != malformed || e.Reason == "" {
		t.Errorf("%s: %#v", patch, err)
	} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "1970") {
		t.Errorf("%s: the error quotes a value: %v", patch, err)
	}
}

func TestBounds(t *testing.T) {
	many := "[" + strings.Repeat(`{"op":"test","path":"","value":{}},`, MaxOperations) + `{"op":"test","path":"","value":{}}]`
	_, err := JSON([]byte(`{}`), []byte(many))
	fails(t, "too many", err, -1, true)
	_, err = JSON([]byte(`{"x":"`+strings.Repeat("x", 1<<20)+`"}`), []byte(`[{"op":"copy","from":"","path":"/a"},
		{"op":"copy","from":"","path":"/b"},{"op":"copy","from":"","path":"/c"},{"op":"copy","from":"","path":"/d"}]`))
	fails(t, "doubling", err, 2, false)
	_, err = JSON([]byte(`{"a":`+strings.Repeat("[", tree.MaxDepth-1)+strings.Repeat("]", tree.MaxDepth-1)+`}`),
		[]byte(`[{"op":"copy","from":"/a","path":"/a`+strings.Repeat("/0", tree.MaxDepth-2)+`/-"}]`))
	fails(t, "too deep", err, 0, false)
	touch := "[" + strings.Repeat(`{"op":"replace","path":"/y","value":1},`, MaxOperations-1) + `{"op":"remove","path":"/y"}]`
	_, err = JSON([]byte(`{"y":0,"x":"`+strings.Repeat("x", 4<<20)+`"}`), []byte(touch))
	fails(t, "too much work", err, 126, false)
}

// What an operation does, its inverse takes back: to the byte where the place of a
// member tells nothing, to an equal document otherwise.
func TestInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		doc := read(t, randomValue(r, 3, true))
		forth, back, exact := randomOperation(r, doc)
		changed, err := JSON(doc.Source(), []byte("["+forth+"]"))
		if err != nil {
			t.Fatalf("%s on %s: %v", forth, doc.Source(), err)
		}
		restored, err := JSON(changed, []byte("["+back+"]"))
		if err != nil || !equal(read(t, string(restored)), doc) || exact && string(restored) != string(doc.Source()) {
			t.Fatalf("%s, %s: %v\n%s\n%s\n%s", forth, back, err, doc.Source(), changed, restored)
		}
	}
}

// randomOperation returns an operation on a value somewhere in the document, its
// inverse, and whether both together restore the bytes.
func randomOperation(r *rand.Rand, doc tree.Value) (forth, back string, exact bool) {
	var all []tree.Value
	doc.Walk(func(v tree.Value) bool { all = append(all, v); return true })
	v := all[r.IntN(len(all))]
	at, raw := asPointer(pointerTo(v)), string(v.Raw())
	fresh := randomValue(r, 2, false)
	replace := fmt.Sprintf(`{"op":"replace","path":%s,"value":%s}`, at, fresh)
	switch {
	case v.Kind() == tree.Array && r.IntN(2) == 0:
		item := asPointer(pointerTo(v).below(strconv.Itoa(r.IntN(v.Len() + 1))))
		return fmt.Sprintf(`{"op":"add","path":%s,"value":%s}`, item, fresh), fmt.Sprintf(`{"op":"remove","path":%s}`, item), true
	case v.Kind() == tree.Object && r.IntN(2) == 0:
		name := asPointer(pointerTo(v).below("new/~\""))
		return fmt.Sprintf(`{"op":"add","path":%s,"value":%s}`, name, fresh), fmt.Sprintf(`{"op":"remove","path":%s}`, name), true
	case v.Parent().Exists() && r.IntN(2) == 0:
		return fmt.Sprintf(`{"op":"remove","path":%s}`, at), fmt.Sprintf(`{"op":"add","path":%s,"value":%s}`, at, raw), false
	}
	return replace, fmt.Sprintf(`{"op":"replace","path":%s,"value":%s}`, at, raw), true
}

func asPointer(p pointer) string {
	text := ""
	for _, step := range p {
		text += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step)
	}
	return string(quote(text))
}

func randomValue(r *rand.Rand, depth int, spaced bool) string {
	space := ""
	if spaced {
		space = []string{"", " ", "\n  "}[r.IntN(3)]
	}
	kind := r.IntN(5)
	if depth == 0 {
		kind = 2 + r.IntN(3)
	}
	var parts []string
	for i := 0; kind < 2 && i < r.IntN(4); i++ {
		key := ""
		if kind == 0 {
			key = fmt.Sprintf(`"k/%d~"%s:`, i, space)
		}
		parts = append(parts, space+key+randomValue(r, depth-1, spaced))
	}
	switch kind {
	case 0:
		return "{" + strings.Join(parts, ",") + "}"
	case 1:
		return "[" + strings.Join(parts, ",") + "]"
	}
	return []string{`"te\u0078t"`, "-1.50e3", "null"}[kind-2]
}

func FuzzJSON(f *testing.F) {
	f.Add(person, `[{"op":"add","path":"/name/0/given/-","value":"z"},{"op":"move","from":"/name","path":"/a"}]`)
	f.Add(`{"a":[]}`, `[{"op":"test","path":"/a","value":[1e999999999999]},{"op":"copy","from":"","path":"/a/0"}]`)
	f.Fuzz(func(t *testing.T, doc, patch string) {
		got, err := JSON([]byte(doc), []byte(patch))
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%T", err)
		}
		if err == nil {
			read(t, string(got))
		}
	})
}
