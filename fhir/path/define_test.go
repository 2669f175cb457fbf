package path

import (
	"testing"

	"tributary/fhir/tree"
)

func TestVariables(t *testing.T) {
	check(t, patient, []row{
		{"name.defineVariable('n').first().select(%n.count())", "Integer:3"}, {"name.first().defineVariable('g', given).family & ' of ' & %g.first()", "!"},
		{"name.first().defineVariable('g', given.count()).select(family & %g.toString())", "String:Chalmers2"}, {"defineVariable('a', 1).select(%a) + defineVariable('a', 2).select(%a)", "Integer:3"},
		{"defineVariable('a') | %a", "!"}, {"name.select(defineVariable('f', family).given.first() & %f)", "!"}, {"name.select(defineVariable('u', use).select(%u & '!'))", "String:official! String:usual! String:maiden!"},
		{"defineVariable('a', 1).defineVariable('a', 2)", "!"}, {"defineVariable('context')", "!"}, {"defineVariable('name')", "!"}, {"defineVariable({})", "!"}, {"where(defineVariable('a', active).exists()).select(%a)", "!"},
		{"defineVariable('a', 2).name.where($index < %a).count()", "Integer:2"}, {"defineVariable('a', 3).select((1 | 2).aggregate($this + $total + %a, 0))", "Integer:9"},
		{"defineVariable('down', 'x').name.sort(-use, %down).use", "code:usual code:official code:maiden"}, {"{}.defineVariable('a', 5).select(%a)", ""},
		{"coalesce({}, name.nothing, active, 1)", "boolean:true"}, {"coalesce({})", ""}, {"name.coalesce(family | 'x', 1)", "String:x"},
	})
}

func TestLong(t *testing.T) {
	check(t, patient, []row{
		{"5L", "Long:5"}, {"5L + 1", "Long:6"}, {"1 + 5L * 2L", "Long:11"}, {"5L + 1.5", "Decimal:6.5"}, {"5L = 5", "Boolean:true"}, {"5L < 6", "Boolean:true"}, {"-(5L)", "Long:-5"},
		{"(-5L).abs()", "Long:5"}, {"2L.power(40)", "Long:1099511627776"}, {"'5000000000'.toLong()", "Long:5000000000"}, {"5.toLong()", "Long:5"}, {"true.toLong()", "Long:1"}, {"'a'.toLong()", ""},
		{"5L.toInteger()", "Integer:5"}, {"5000000000L.toInteger()", ""}, {"5L is System.Long", "Boolean:true"}, {"5 is Long", "Boolean:false"}, {"5L.toString() & 'x'", "String:5x"}, {"'5'.convertsToLong()", "Boolean:true"},
		{"5L.toDecimal()", "Decimal:5"}, {"5L.toQuantity()", "Quantity:5 '1'"}, {"1L.toBoolean()", "Boolean:true"}, {"(5 | 5L).count()", "Integer:1"}, {"9223372036854775807L + 1", ""},
	})
	if _, err := Compile("99999999999999999999L"); err == nil {
		t.Error("a Long of more than 64 bits")
	}
}

const bundle = `{"resourceType":"Bundle","id":"b","entry":[{"resource":{"resourceType":"Patient","id":"p","contained":[
 {"resourceType":"Organization","id":"o","name":"Acme"}],"managingOrganization":{"reference":"#o"},"modifierExtension":[{"url":"urn:m","valueBoolean":true}]}}]}`

// %resource is the nearest resource, %rootResource the one that contains it.
func TestResourceAround(t *testing.T) {
	root := document(t, bundle)
	at := func(expression string) tree.Value {
		items, err := MustCompile(expression).Eval(root, nil)
		if err != nil || len(items) != 1 {
			t.Fatal(expression, items, err)
		}
		v, _ := items[0].Node()
		return v
	}
	for focus, want := range map[string]string{
		"Bundle": "id:b id:b", "entry.resource": "id:p id:p", "entry.resource.managingOrganization": "id:p id:p", "entry.resource.contained": "id:o id:p", "entry.resource.contained.name": "id:o id:p",
	} {
		items, err := MustCompile("%resource.id.combine(%rootResource.id)").Eval(at(focus), nil)
		if err != nil || show(items) != want {
			t.Errorf("%s: %s, %v, want %s", focus, show(items), err, want)
		}
	}
}

func TestModifiers(t *testing.T) {
	check(t, bundle, []row{
		{"entry.resource.checkModifiers('urn:m').id", "id:p"}, {"entry.resource.checkModifiers('urn:x')", "!"}, {"entry.resource.checkModifiers('urn:x', 'urn:m').id", "id:p"}, {"entry.checkModifiers('urn:x').count()", "Integer:1"},
	})
}

// shapes is a Profiles that knows one definition and one slice.
type shapes struct {
	vocabulary
	definition tree.Value
}

func (s *shapes) ElementDefinition(element tree.Value) (definition tree.Value, known bool, err error) {
	return s.definition, element.Key() == "status", nil
}

func (s *shapes) InSlice(element tree.Value, profile, slice string) (member, known bool, err error) {
	if profile == "urn:broken" {
		return false, false, errBroken
	}
	return element.Get("code").Get("coding").First().Get("system").Text() == "s", slice == "known", nil
}

func TestElements(t *testing.T) {
	env := &Env{Profiles: &shapes{definition: document(t, `{"path":"Observation.status","min":1}`)}}
	for expression, want := range map[string]string{
		"status.elementDefinition().min": "unsignedInt:1", "code.elementDefinition()": "", "component.slice('urn:p', 'known').code.coding.code": "code:ab",
		"component.slice('urn:p', 'other')": "!", "component.slice('urn:broken', 'known')": "!", "component.slice({}, 'known')": "",
	} {
		items, err := MustCompile(expression).Eval(document(t, codings), env)
		got := show(items)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", expression, got, err, want)
		}
	}
	for _, expression := range []string{"status.elementDefinition()", "component.slice('urn:p', 'known')"} {
		if _, err := MustCompile(expression).Eval(document(t, codings), &Env{Profiles: &vocabulary{}}); err == nil {
			t.Errorf("%s: no error without definitions", expression)
		}
	}
}
