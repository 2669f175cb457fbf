package deid_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/internal/export/deid"
)

const canary = "Zanzibarcanary"

// samples is one resource of each type: with every element that a type of the
// sample data uses, and what the builders make.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	byType := map[string][]byte{}
	for _, src := range records(t, few(t)) {
		typ := parse(t, src).Get("resourceType").Text()
		if len(src) > len(byType[typ]) && len(src) < 200_000 {
			byType[typ] = src
		}
	}
	byType["QuestionnaireResponse"] = fhirtest.QuestionnaireResponse(fhirtest.ID("q"), fhirtest.Subject("Patient/"+subject))
	byType["ServiceRequest"] = fhirtest.Resource("ServiceRequest", `{"status":"active","intent":"order","subject":{"reference":"Patient/`+subject+`"},"authoredOn":"2020-01-01"}`, fhirtest.ID("s"))
	maps.DeleteFunc(byType, func(typ string, _ []byte) bool { return !known(typ) })
	return byType
}

// plants are members that say something in words.
var plants = map[string]string{
	"extension":         `[{"url":"http://x/` + canary + `","valueString":"` + canary + `"}]`,
	"modifierExtension": `[{"url":"http://x/e","extension":[{"url":"a","valueCoding":{"system":"http://` + canary + `","code":"` + canary + `"}}]}]`,
	"display":           `"` + canary + `"`,
	"text":              `"` + canary + `"`,
	"div":               `"<div xmlns='http://www.w3.org/1999/xhtml'>` + canary + `</div>"`,
	"note":              `[{"text":"` + canary + `","authorString":"` + canary + `"}]`,
	"identifier":        `[{"system":"urn:x","value":"` + canary + `"}]`,
	"contained":         `[{"resourceType":"Patient","id":"` + canary + `","name":[{"family":"` + canary + `"}]}]`,
	"valueString":       `"` + canary + `"`,
	"_status":           `{"id":"` + canary + `","extension":[{"url":"http://x/e","valueString":"` + canary + `"}]}`,
	"name":              `[{"family":"` + canary + `","given":["` + canary + `"]}]`,
	"telecom":           `[{"system":"email","value":"` + canary + `@example.org"}]`,
	"address":           `[{"line":["` + canary + `"],"postalCode":"` + canary + `"}]`,
	"photo":             `[{"data":"` + canary + `"}]`,
	"title":             `"` + canary + `"`,
	"description":       `"` + canary + `"`,
	"unit":              `"` + canary + `"`,
	"version":           `"` + canary + `"`,
	"url":               `"http://` + canary + `/"`,
	"lotNumber":         `"` + canary + `"`,
	"serialNumber":      `"` + canary + `"`,
	"udiCarrier":        `[{"carrierHRF":"` + canary + `"}]`,
	"implicitRules":     `"http://` + canary + `"`,
	"language":          `"` + canary + `"`,
	"meta":              `{"source":"http://` + canary + `","tag":[{"system":"x","code":"` + canary + `"}]}`,
	"x" + canary:        `{"resourceType":"` + canary + `"}`,
}

// objects lists the objects of decoded JSON, in an order that is always the same.
func objects(v any, found []map[string]any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		found = append(found, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = objects(v[name], found)
		}
	case []any:
		for _, item := range v {
			found = objects(item, found)
		}
	}
	return found
}

func decoded(t testing.TB, src []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is planted beside what was there changes nothing of what leaves.
func TestNothingPlantedLeaves(t *testing.T) {
	byType := samples(t)
	types, names := slices.Sorted(maps.Keys(byType)), slices.Sorted(maps.Keys(plants))
	rapid.Check(t, func(rt *rapid.T) {
		src := byType[rapid.SampledFrom(types).Draw(rt, "type")]
		v := decoded(t, src)
		clean, _ := release(t).Write(nil, parse(t, encoded(t, v)), person())
		all := objects(v, nil)
		for range rapid.IntRange(1, 4).Draw(rt, "plants") {
			at := all[rapid.IntRange(0, len(all)-1).Draw(rt, "place")]
			name := rapid.SampledFrom(names).Draw(rt, "member")
			planted := any(json.RawMessage(plants[name]))
			if was, there := at[name]; there {
				list, isList := was.([]any)
				if !isList {
					continue // replacing is the next test's
				}
				planted = append(slices.Clone(list), decodedList(t, plants[name])...)
			}
			at[name] = planted
		}
		out, ok := release(t).Write(nil, parse(t, encoded(t, v)), person())
		if !ok || !bytes.Equal(out, clean) {
			rt.Fatalf("%s\nis not\n%s", out, clean)
		}
	})
}

func decodedList(t testing.TB, raw string) (list []any) {
	t.Helper()
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil
	}
	return list
}

// fixed are the elements whose codes FHIR itself fixes; nothing else can be
// stored in them.
var fixed = map[string]bool{"resourceType": true, "status": true, "intent": true, "use": true, "gender": true, "outcome": true,
	"type": true, "category": true, "criticality": true, "periodUnit": true, "currency": true, "docStatus": true, "id": true, "comparator": true}

// A string that is replaced does not leave either, wherever it stands.
func TestNoStringLeavesAsItCame(t *testing.T) {
	byType := samples(t)
	types := slices.Sorted(maps.Keys(byType))
	rapid.Check(t, func(rt *rapid.T) {
		v := decoded(t, byType[rapid.SampledFrom(types).Draw(rt, "type")])
		all := objects(v, nil)
		at := all[rapid.IntRange(0, len(all)-1).Draw(rt, "place")]
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(at))).Draw(rt, "member")
		_, isText := at[name].(string)
		if !isText || fixed[name] {
			return
		}
		at[name] = rapid.SampledFrom([]string{canary, "Observation/" + canary + "/x", "http://terminology.hl7.org/CodeSystem/" + canary,
			"2020-01-01T" + canary, "urn:uuid:" + canary, "Patient/" + canary, "#" + canary}).Draw(rt, "text")
		out, _ := release(t).Write(nil, parse(t, encoded(t, v)), person())
		if strings.Contains(string(out), canary) {
			rt.Fatalf("%s: %s", name, out)
		}
	})
}

var word = regexp.MustCompile(`[A-Za-z0-9]+(?:[-'.][A-Za-z0-9]+)*`)

// secrets are what must not leave of a bundle: whole words, and longer texts.
type secrets struct {
	words map[string]bool
	texts []string
}

func (s *secrets) add(v any) {
	text, ok := v.(string)
	if !ok || len(text) < 3 {
		return
	}
	if word.FindString(text) == text {
		s.words[text] = true
	} else {
		s.texts = append(s.texts, text)
	}
}

// collect finds names, addresses, telecom, identifiers, ids and maiden names.
func (s *secrets) collect(v any) {
	for _, o := range objects(v, nil) {
		if id, _ := o["id"].(string); strings.ContainsAny(id, "0123456789") { // not "coverage", that of a contained resource
			s.add(id)
		}
		s.add(o["family"])
		for _, name := range []string{"given", "line"} {
			list, _ := o[name].([]any)
			for _, item := range list {
				s.add(item)
			}
		}
		s.add(o["postalCode"])
		if url, _ := o["url"].(string); strings.HasSuffix(url, "mothersMaidenName") {
			s.add(o["valueString"])
		}
		for _, name := range []string{"identifier", "telecom"} {
			list, _ := o[name].([]any)
			for _, item := range list {
				if i, ok := item.(map[string]any); ok {
					s.add(i["value"])
				}
			}
		}
	}
}

func (s *secrets) in(line []byte) (found []string) {
	for _, w := range word.FindAllString(string(line), -1) {
		if s.words[w] {
			found = append(found, w)
		}
	}
	for _, text := range s.texts {
		if bytes.Contains(line, []byte(text)) {
			found = append(found, text)
		}
	}
	return found
}

func TestNobodyIsNamedInRealRecords(t *testing.T) {
	files := few(t)
	s, r, lines := secrets{words: map[string]bool{}}, release(t), 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.collect(decoded(t, raw))
	}
	if len(s.words) < 1000 || len(s.texts) < 100 {
		t.Fatalf("only %d words and %d texts to look for", len(s.words), len(s.texts))
	}
	all := texts(s.texts)
	for _, src := range records(t, files) {
		out, ok := r.Write(nil, parse(t, src), person())
		if !ok {
			continue
		}
		lines++
		s.texts = all.maybe(out)
		if found := s.in(out); len(found) > 0 {
			t.Fatalf("%q in %s", found, out)
		}
	}
	if lines < 3_000 {
		t.Errorf("only %d lines", lines)
	}
}

// texts with spaces or @ can only be in a line that has one.
type texts []string

func (t texts) maybe(line []byte) []string {
	if bytes.ContainsAny(line, " @(") {
		return t
	}
	return nil
}

// A note says names in its attachment, which is why no attachment leaves.
func TestAttachmentsStay(t *testing.T) {
	note := base64.StdEncoding.EncodeToString([]byte("Seen: Mr. " + canary))
	out := write(t, fhirtest.DocumentReference(fhirtest.ID("d"), fhirtest.Subject("Patient/"+subject),
		fhirtest.With("content.0.attachment", map[string]any{"contentType": "text/plain", "data": note, "title": canary, "url": "Binary/" + canary})))
	if strings.Contains(string(out.Source()), note) || strings.Contains(string(out.Source()), canary) {
		t.Errorf("%s", out.Source())
	}
	if got := string(out.At("content").Raw()); got != `[{"attachment":{"contentType":"text/plain"}}]` {
		t.Errorf("%s", got)
	}
}

func TestTableCoversWhatItSays(t *testing.T) {
	if n := len(deid.Registered().Types()); n != 26 {
		t.Errorf("%d types", n)
	}
	for _, typ := range deid.Registered().Types() {
		if !fhir.IsResource(typ) {
			t.Errorf("%s", typ)
		}
	}
}
