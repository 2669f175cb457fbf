package path

import (
	"sync"
	"testing"

	"tributary/fhir/tree"
)

func TestNavigation(t *testing.T) {
	check(t, patient, []row{
		{"Patient.name.family", "string:Chalmers string:Windsor"},
		{"name.given", "string:Peter string:James string:Jim string:Peter string:"},
		{"Patient.`name`[1].given", "string:Jim"},
		{"Observation.code", ""},
		{"Resource.id | DomainResource.id | Patient.id", "id:p1"},
		{"Patient.nothing.at.all", ""},
		{"Patient.deceased", "dateTime:2020-01-02T03:04:05Z"},
		{"Patient.deceasedDateTime", ""},
		{"Patient.contact.type().name | Patient.contact.gender", "String:BackboneElement code:female"},
		{"Patient.contained.name", "string:Acme"},
		{"Patient.contained.type().name", "String:Organization"},
		{"name[9]", ""},
		{"name.given[{}]", ""},
		{"name.given['a']", "!"},
		{"$this.gender", "code:male"},
		{"name.select($index)", "Integer:0 Integer:1 Integer:2"},
		{"%resource.id = %context.id and %rootResource.id = 'p1'", "Boolean:true"},
		{"contact.children().count()", "Integer:2"},
		{"name[0].children()", "code:official string:Chalmers string:Peter string:James"},
		{"contact.descendants().count()", "Integer:3"},
		{"birthDate.children().url", "uri:http://x/time"},
		{"repeat(name | given).count()", "Integer:7"},
	})
}

func TestPrimitiveExtensions(t *testing.T) {
	check(t, patient, []row{
		{"birthDate.extension('http://x/time').value", "dateTime:1974-12-25T14:35:45-05:00"},
		{"birthDate.extension.url", "uri:http://x/time"},
		{"name.given.extension.value", "string:Jim"},
		{"name.given.where(hasValue().not()).id", "string:g"},
		{"name.given.select(hasValue())", "Boolean:true Boolean:true Boolean:true Boolean:true Boolean:false"},
		{"multipleBirth.exists() and multipleBirth.hasValue().not()", "Boolean:true"},
		{"multipleBirth.id", "string:m"},
		{"extension('http://x/race').value.code", "code:a"},
		{"hasExtension('http://x/race')", "Boolean:true"},
		{"hasExtension('http://x/other')", "Boolean:false"},
		{"birthDate.getValue()", "Date:1974-12-25"},
		{"name.hasValue()", "Boolean:false"},
	})
}

func TestChoices(t *testing.T) {
	check(t, observation, []row{
		{"Observation.value.unit", "string:lbs"},
		{"(Observation.value as Quantity).value", "decimal:185.0"},
		{"Observation.value.ofType(CodeableConcept)", ""},
		{"Observation.component.value as CodeableConcept", `CodeableConcept:{"text":"t"}`},
		{"Observation.component.value.as(integer)", "integer:5"},
		{"Observation.component.value is integer", "!"},
		{"Observation.effective is dateTime", "Boolean:true"},
		{"Observation.effective as Period", ""},
		{"Observation.valueQuantity", ""},
		{"Observation.issued is instant", "Boolean:true"},
	})
}

func TestTypes(t *testing.T) {
	check(t, patient, []row{
		{"Patient is DomainResource and $this is Resource", "Boolean:true"},
		{"gender is string and gender is code and (gender is id).not()", "Boolean:true"},
		{"gender is FHIR.code", "Boolean:true"},
		{"gender is System.String", "Boolean:false"},
		{"'a' is String and 1 is Integer and 1.0 is Decimal and @2020 is Date and @2020T is DateTime and @T10 is Time", "Boolean:true"},
		{"1 'mg' is Quantity and 1 day is System.Quantity", "Boolean:true"},
		{"1 is integer", "Boolean:false"},
		{"(1 | 'a' | true).ofType(String)", "String:a"},
		{"{} is String", ""},
		{"active.type().namespace & '.' & active.type().name & ' ' & active.type().baseType", "String:FHIR.boolean FHIR.Element"},
	})
}

func TestResolve(t *testing.T) {
	check(t, patient, []row{
		{"managingOrganization.resolve().name", "string:Acme"},
		{"managingOrganization.where(resolve() is Organization).reference", "string:#o1"},
		{"generalPractitioner.where(resolve() is Practitioner).reference", "string:Practitioner/7"},
		{"generalPractitioner.where(resolve() is Practitioner).count()", "Integer:2"},
		{"generalPractitioner.where(resolve() is Organization).reference", "string:http://h/fhir/Organization/8/_history/1"},
		{"generalPractitioner.resolve()", "Practitioner:Practitioner/7 Organization:http://h/fhir/Organization/8/_history/1 Practitioner:"},
		{"generalPractitioner.resolve().name", ""},
		{"generalPractitioner.getReferenceKey(Practitioner)", "String:7"},
		{"generalPractitioner.getReferenceKey()", "String:7 String:8"},
		{"getResourceKey()", "String:p1"},
		{"contained.descendants().count()", "Integer:2"},
	})
}

func TestResolveThroughEnv(t *testing.T) {
	practitioner := document(t, `{"resourceType":"Practitioner","id":"7","gender":"female"}`)
	env := &Env{Resolve: func(ref string) (tree.Value, bool) { return practitioner, ref == "Practitioner/7" }}
	items, err := MustCompile("generalPractitioner.resolve().gender").Eval(document(t, patient), env)
	if got := show(items); err != nil || got != "code:female" {
		t.Errorf("%s, %v", got, err)
	}
	items, err = MustCompile("generalPractitioner.resolve()").Eval(document(t, patient), env)
	if err != nil || len(items) != 1 {
		t.Errorf("what is not found resolves to nothing: %v, %v", items, err)
	}
}

func TestResolveInBundle(t *testing.T) {
	check(t, `{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"a","gender":"male"}},
		{"fullUrl":"http://h/fhir/Patient/b","resource":{"resourceType":"Patient","id":"b","gender":"female"}},
		{"resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"},"focus":[{"reference":"Patient/b"}]}}]}`, []row{
		{"Bundle.entry.resource.ofType(Observation).subject.resolve().gender", "code:male"},
		{"Bundle.entry.resource.focus.resolve().gender", "code:female"},
		{"Bundle.entry[2].resource.subject.where(resolve() is Patient).reference", "string:urn:uuid:1"},
		{"Bundle.entry[0].resource as Patient", `Patient:{"resourceType":"Patient","id":"a","gender":"male"}`},
		{"Bundle.entry[0].resource as Observation", ""},
	})
}

// TestFocusInside: a focus below the root has the type that its place gives it.
func TestFocusInside(t *testing.T) {
	root := document(t, patient)
	name := root.Get("name").Index(0)
	items, err := MustCompile("HumanName.given | %resource.gender | given[0].extension").Eval(name, nil)
	if got := show(items); err != nil || got != "string:Peter string:James code:male" {
		t.Errorf("%s, %v", got, err)
	}
	if i := ItemAt(root.Get("contact").Index(0)); i.ModelType().Name != "Patient.contact" || i.Type() != "BackboneElement" {
		t.Errorf("%s", i.Type())
	}
	if node, ok := items[0].Node(); !ok || node.Expression() != "Patient.name[0].given[0]" {
		t.Errorf("%s", node.Expression())
	}
	given, err := MustCompile("$this & '!'").EvalItem(items[0], nil)
	if got := show(given); err != nil || got != "String:Peter!" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestItems(t *testing.T) {
	root := document(t, patient)
	items, _ := MustCompile("multipleBirth | 'x' | gender").Eval(root, nil)
	if _, ok := items[0].Node(); ok || items[0].Type() != "boolean" {
		t.Error("a primitive without value is no node")
	}
	if x, ok := items[0].Extensions(); !ok || x.Get("id").Text() != "m" {
		t.Error("its extensions are")
	}
	if _, ok := items[1].Node(); ok {
		t.Error("a computed value is no node")
	}
	if items, err := MustCompile("Patient").Eval(tree.Value{}, nil); items != nil || err != nil {
		t.Error("nothing gives nothing")
	}
	if items, err := MustCompile("a.b | c").Eval(document(t, `{"a":{"b":[1,true]},"c":"x"}`), nil); err != nil || show(items) != "decimal:1 boolean:true string:x" {
		t.Errorf("JSON of no known type: %s, %v", show(items), err)
	}
}

func TestConcurrentUse(t *testing.T) {
	root, e := document(t, patient), MustCompile("name.where(use = 'official').given.select($this & '!').join(',')")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				if items, err := e.Eval(root, nil); err != nil || show(items) != "String:Peter!,James!" {
					t.Errorf("%s, %v", show(items), err)
					return
				}
			}
		})
	}
	group.Wait()
}
