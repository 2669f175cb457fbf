package patch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// parameters makes a patch of operations: "type|path" and further parts as JSON.
func parameters(operations ...string) string {
	var list []string
	for _, o := range operations {
		head, rest, _ := strings.Cut(o, "; ")
		typ, path, _ := strings.Cut(head, " ")
		parts := fmt.Sprintf(`{"name":"type","valueCode":%q},{"name":"path","valueString":%s}`, typ, quote(path))
		if rest != "" {
			parts += "," + rest
		}
		list = append(list, `{"name":"operation","part":[`+parts+`]}`)
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
}

func named(name string) string { return `{"name":"name","valueString":"` + name + `"}` }

func value(typ, raw string) string { return `{"name":"value","value` + typ + `":` + raw + `}` }

func at(i int) string { return fmt.Sprintf(`{"name":"index","valueInteger":%d}`, i) }

func TestFHIRPathSeesElements(t *testing.T) {
	for _, c := range []struct{ patch, old, new string }{
		{parameters(`delete Patient.birthDate`), "\"birthDate\": \"1970-01-01\",\n  ", ``},
		{parameters(`delete Patient.photo`), ``, ``},
		// A primitive's extensions go and come with it.
		{parameters(`delete Patient.name.given[1]`), `["x", "y"], "_given": [null, {"id": "g2"}]`, `["x"], "_given": [null]`},
		{parameters(`delete Patient.name.given[0]`), `["x", "y"], "_given": [null, {"id": "g2"}]`, `["y"], "_given": [{"id": "g2"}]`},
		{parameters(`insert Patient.name.given; ` + at(1) + `,` + value("String", `"m"`)), `"y"], "_given": [null, {`, `"m", "y"], "_given": [null, null, {`},
		{parameters(`insert Patient.name.given; ` + at(2) + `,{"name":"value","valueString":"z","_valueString":{"id":"g3"}}`),
			`"y"], "_given": [null, {"id": "g2"}]`, `"y", "z"], "_given": [null, {"id": "g2"}, {"id":"g3"}]`},
		{parameters(`move Patient.name.given; {"name":"source","valueInteger":1},{"name":"destination","valueInteger":0}`),
			`["x", "y"], "_given": [null, {"id": "g2"}]`, `["y","x"], "_given": [{"id": "g2"},null]`},
		{parameters(`replace Patient.name.given[1]; ` + value("String", `"z"`)), `"y"], "_given": [null, {"id": "g2"}]`, `"z"], "_given": [null, null]`},
		{parameters(`replace Patient.birthDate; {"name":"value","valueDate":"1970","_valueDate":{"id":"b"}}`),
			"\"1970-01-01\",\n  \"deceasedBoolean\": false", "\"1970\",\n  \"deceasedBoolean\": false,\n  \"_birthDate\": {\"id\":\"b\"}"},
		// Extensions of a primitive that has none yet.
		{parameters(`add Patient.birthDate; ` + named("extension") + `,{"name":"value","part":[{"name":"url","valueUri":"urn:x"},{"name":"value","valueCode":"c"}]}`),
			"false\n", "false,\n  \"_birthDate\": {\"extension\":[{\"url\":\"urn:x\",\"valueCode\":\"c\"}]}\n"},
		{parameters(`add Patient.name.given[0]; ` + named("id") + `,` + value("String", `"g1"`)), `[null, {`, `[{"id":"g1"}, {`},
		{parameters(`delete Patient.name.given[1].id`), `, "_given": [null, {"id": "g2"}]`, ``},
		// A choice is named by its type.
		{parameters(`replace Patient.deceased; ` + value("DateTime", `"2020"`)), `"deceasedBoolean": false`, `"deceasedDateTime": "2020"`},
		{parameters(`add Patient; `+named("multipleBirth")+`,`+value("Integer", `2`), `delete Patient.multipleBirth`), ``, ``},
		// Lists that are not there yet, and types that have no value[x].
		{parameters(`insert Patient.telecom; ` + at(0) + `,` + value("ContactPoint", `{"value":"1"}`)), "false\n", "false,\n  \"telecom\": [{\"value\":\"1\"}]\n"},
		{parameters(`add Patient; ` + named("communication") + `,{"name":"value","part":[{"name":"language","valueCodeableConcept":{"text":"de"}},{"name":"preferred","valueBoolean":true}]}`),
			"false\n", "false,\n  \"communication\": [{\"language\":{\"text\":\"de\"},\"preferred\":true}]\n"},
		{parameters(`add Patient; ` + named("contact") + `,{"name":"value","part":[{"name":"telecom","valueContactPoint":{"value":"1"}},{"name":"telecom","valueContactPoint":{"value":"2"}}]}`),
			"false\n", "false,\n  \"contact\": [{\"telecom\":[{\"value\":\"1\"},{\"value\":\"2\"}]}]\n"},
		{parameters(`add Patient; ` + named("contained") + `,{"name":"value","resource":{"resourceType":"Basic","id":"b"}}`),
			"false\n", "false,\n  \"contained\": [{\"resourceType\":\"Basic\",\"id\":\"b\"}]\n"},
		// What is emptied on the way can be filled again; in the end nothing is empty.
		{parameters(`delete Patient.extension.where(url='urn:e')`, `insert Patient.extension; `+at(0)+`,`+`{"name":"value","part":[{"name":"url","valueUri":"u"}]}`),
			`[{"url": "urn:e", "valueDecimal": 6.50}]`, `[{"url":"u"}]`},
		{parameters(`delete Patient.extension.value`, `delete Patient.extension.url`), "\"extension\": [{\"url\": \"urn:e\", \"valueDecimal\": 6.50}],\n  ", ``},
	} {
		got, err := FHIRPath([]byte(person), read(t, c.patch))
		if want := strings.Replace(person, c.old, c.new, 1); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.patch, err, got, want)
		}
	}
}

func TestFHIRPathRefuses(t *testing.T) {
	for patch, isMalformed := range map[string]bool{
		parameters(`upsert Patient.name`):                                                                                  true,
		parameters(`delete Patient.name.`):                                                                                 true,
		parameters(`delete Patient.name; ` + at(1)):                                                                        true,
		parameters(`insert Patient.name; ` + at(-1) + `,` + value("HumanName", `{}`)):                                      true,
		parameters(`insert Patient.name; ` + value("HumanName", `{}`)):                                                     true,
		parameters(`replace Patient.birthDate; ` + value("Patient", `{}`)):                                                 true,
		parameters(`replace Patient.birthDate; {"name":"value"}`):                                                          true,
		parameters(`replace Patient.birthDate; {"name":"value","valueDate":"1970","valueCode":"a"}`):                       true,
		parameters(`replace Patient.birthDate; ` + value("Date", `"1970"`) + `,` + value("Date", `"1971"`)):                true,
		parameters(`add Patient; ` + `{"name":"name"},` + value("Date", `"1970"`)):                                         true,
		`{"resourceType":"Parameters","parameter":[{"name":"op"}]}`:                                                        true,
		parameters(`delete Patient.name.given`):                                                                            false,
		parameters(`delete Patient`):                                                                                       false,
		parameters(`delete Patient.name.count()`):                                                                          false,
		parameters(`replace Patient.name.text; ` + value("String", `"a"`)):                                                 false,
		parameters(`replace Patient.birthDate; ` + value("Boolean", `true`)):                                               false,
		parameters(`replace Patient.deceased; ` + value("Quantity", `{}`)):                                                 false,
		parameters(`replace Patient.name; ` + value("Identifier", `{}`)):                                                   false,
		parameters(`add Patient; ` + named("birthDate") + `,` + value("Date", `"1971"`)):                                   false,
		parameters(`add Patient; ` + named("deceased") + `,` + value("DateTime", `"1971"`)):                                false,
		parameters(`add Patient; ` + named("secret") + `,` + value("Date", `"1971"`)):                                      false,
		parameters(`add Patient; ` + named("contained") + `,` + value("Date", `"1971"`)):                                   false,
		parameters(`add Patient; ` + named("photo") + `,{"name":"value","resource":{"resourceType":"Basic"}}`):             false,
		parameters(`insert Patient.name; ` + at(2) + `,` + value("HumanName", `{}`)):                                       false,
		parameters(`insert Patient.telecom; ` + at(1) + `,` + value("ContactPoint", `{}`)):                                 false,
		parameters(`insert Patient.name.where(use='old'); ` + at(0) + `,` + value("HumanName", `{}`)):                      false,
		parameters(`insert Patient.name.given.where($this='x'); ` + at(0) + `,` + value("String", `"secret"`)):             false,
		parameters(`move Patient.name; {"name":"source","valueInteger":0},{"name":"destination","valueInteger":1}`):        false,
		parameters(`delete Patient.name.single().given.single()`):                                                          false,
		parameters(`delete iif(true, 'Patient/1').resolve()`):                                                              false,
		parameters(`add Patient.birthDate; ` + named("value") + `,` + value("Date", `"1971"`)):                             false,
		parameters(`add Patient; ` + named("contact") + `,{"name":"value","part":[{"name":"secret","valueDate":"1970"}]}`): false,
	} {
		_, err := FHIRPath([]byte(person), read(t, patch))
		fails(t, patch, err, 0, isMalformed)
	}
	_, err := FHIRPath([]byte(person), read(t, `{"resourceType":"Patient"}`))
	fails(t, "no Parameters", err, -1, true)
	_, err = FHIRPath([]byte(person), read(t, parameters(make([]string, MaxOperations+1)...)))
	fails(t, "too many", err, -1, true)
	_, err = FHIRPath([]byte(person), read(t, parameters("delete Patient.photo", "delete Patient.name.text | Patient.name.given")))
	fails(t, "the second", err, 1, false)
	costly := strings.Split(strings.Repeat("delete Patient.descendants().where(id.exists() and false);", 101), ";")
	_, err = FHIRPath([]byte(person), read(t, parameters(costly[:101]...)))
	fails(t, "too much work", err, 99, false)
}

// The same element in the value only, in the extensions only, and in both.
func TestFHIRPathInverse(t *testing.T) {
	const doc = `{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"id":"b"}]}]}`
	for i := range 3 {
		for _, content := range []string{`"valueString":"n"`, `"_valueString":{"id":"n"}`, `"valueString":"n","_valueString":{"id":"n"}`} {
			insert := parameters(fmt.Sprintf(`insert Patient.name.given; %s,{"name":"value",%s}`, at(i), content))
			changed, err := FHIRPath([]byte(doc), read(t, insert))
			if err != nil {
				t.Fatalf("%s: %v", insert, err)
			}
			restored, err := FHIRPath(changed, read(t, parameters(fmt.Sprintf("delete Patient.name.given[%d]", i))))
			if err != nil || string(restored) != doc {
				t.Errorf("%s: %v\n%s\n%s", insert, err, changed, restored)
			}
		}
	}
}

func FuzzFHIRPath(f *testing.F) {
	f.Add(person, parameters(`move Patient.name.given; {"name":"source","valueInteger":1},{"name":"destination","valueInteger":0}`))
	f.Add(person, parameters(`add Patient; `+named("contact")+`,{"name":"value","part":[{"name":"gender","valueCode":"male"}]}`, `delete Patient.name`))
	f.Fuzz(func(t *testing.T, doc, patch string) {
		p, err := JSON([]byte(patch), []byte("[]"))
		if err != nil {
			t.Skip()
		}
		got, err := FHIRPath([]byte(doc), read(t, string(p)))
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%T", err)
		}
		if err == nil {
			read(t, string(got))
		}
	})
}
