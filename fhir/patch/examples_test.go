package patch

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// fhirPathTo names a value as an element: of a choice without its type.
func fhirPathTo(v tree.Value) string {
	parent := v.Parent()
	switch parent.Kind() {
	case tree.Array:
		return fmt.Sprintf("%s[%d]", fhirPathTo(parent), position(v))
	case tree.Object:
		name := v.Key()
		if typ := path.ItemAt(parent).ModelType(); typ != nil {
			if m, ok := typ.Member(name); ok {
				name = m.Element.Name
			}
		}
		return fhirPathTo(parent) + ".`" + name + "`"
	}
	return v.Get("resourceType").Text()
}

// asContent is the part value with an element that is there; false for a type that
// has no value[x].
func asContent(item path.Item) (string, bool) {
	typ := item.ModelType()
	v, _ := item.Node()
	if typ == nil {
		return "", false
	}
	name := typ.Name
	if name == "xhtml" {
		name = "string"
	}
	name = "value" + strings.ToUpper(name[:1]) + name[1:]
	parameter, _ := model.TypeOf("Parameters.parameter")
	if _, ok := parameter.Member(name); !ok {
		return "", false
	}
	members := fmt.Sprintf("%q:%s", name, v.Raw())
	if x, ok := item.Extensions(); ok && !x.Same(v) && x.Kind() == tree.Object {
		members += fmt.Sprintf(",%q:%s", "_"+name, x.Raw())
	}
	return `{"name":"value",` + members + `}`, true
}

// On each of HL7's examples: an element replaced by itself changes no byte, a copy
// of an item that is inserted and deleted again neither, nor one moved forth and back.
func TestExamples(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	tried := map[string]int{}
	for _, file := range fhirtest.Files(t, "r4-examples") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(src) > 200_000 {
			continue
		}
		doc := read(t, string(src))
		for range 3 {
			tryElement(t, r, doc, file, tried)
		}
	}
	t.Log(tried)
	for _, kind := range []string{"replace", "insert", "move", "delete"} {
		if tried[kind] < 200 {
			t.Errorf("%s was tried %d times only", kind, tried[kind])
		}
	}
}

func tryElement(t *testing.T, r *rand.Rand, doc tree.Value, file string, tried map[string]int) {
	var all []tree.Value
	doc.Walk(func(v tree.Value) bool {
		if strings.HasPrefix(v.Key(), "_") {
			return false
		}
		if k := v.Kind(); v.Parent().Exists() && v.Key() != "resourceType" && k != tree.Array && k != tree.Null {
			all = append(all, v)
		}
		return true
	})
	if len(all) == 0 {
		return
	}
	v := all[r.IntN(len(all))]
	at := fhirPathTo(v)
	if !alone(v) {
		deletes(t, doc, file, at, v)
		tried["delete"]++
	}
	item := path.ItemAt(v)
	content, ok := asContent(item)
	if !ok {
		return
	}
	same(t, doc, file, "replace "+at+"; "+content)
	tried["replace"]++
	if list := v.Parent(); list.Kind() == tree.Array {
		i, j := r.IntN(list.Len()+1), r.IntN(list.Len())
		whole := fhirPathTo(list)
		same(t, doc, file, fmt.Sprintf("insert %s; %s,%s", whole, number("index", i), content), fmt.Sprintf("delete %s[%d]", whole, i))
		moved := fmt.Sprintf("move %s; %s,%s", whole, number("source", position(v)), number("destination", j))
		back := fmt.Sprintf("move %s; %s,%s", whole, number("source", j), number("destination", position(v)))
		got, err := FHIRPath(doc.Source(), read(t, parameters(moved, back)))
		if err != nil || !equal(read(t, string(got)), doc) {
			t.Errorf("%s: %s: %v", file, moved, err)
		}
		tried["insert"]++
		tried["move"]++
	}
}

func number(name string, n int) string {
	return fmt.Sprintf(`{"name":%q,"valueInteger":%d}`, name, n)
}

// same holds that the operations together change no byte.
func same(t *testing.T, doc tree.Value, file string, operations ...string) {
	t.Helper()
	got, err := FHIRPath(doc.Source(), read(t, parameters(operations...)))
	if err != nil || string(got) != string(doc.Source()) {
		t.Errorf("%s: %v: %v", file, operations, err)
	}
}

// deletes holds that a delete leaves nothing at the place of a member, one fewer in
// a list, and what is left is shorter JSON.
func deletes(t *testing.T, doc tree.Value, file, at string, v tree.Value) {
	t.Helper()
	got, err := FHIRPath(doc.Source(), read(t, parameters("delete "+at)))
	if err != nil {
		t.Errorf("%s: delete %s: %v", file, at, err)
		return
	}
	left := 0
	if v.Parent().Kind() == tree.Array {
		at, left = fhirPathTo(v.Parent()), v.Parent().Len()-1
	}
	items, err := path.MustCompile(at).Eval(read(t, string(got)), nil)
	if err != nil || len(items) != left || len(got) >= len(doc.Source()) {
		t.Errorf("%s: after delete of %s: %d items, %v", file, at, len(items), err)
	}
}

// alone tells whether the element that a value is in goes with it.
func alone(v tree.Value) bool {
	for v.Parent().Kind() == tree.Array {
		v = v.Parent()
		if v.Len() > 1 {
			return false
		}
	}
	return v.Parent().Len() == 1
}
