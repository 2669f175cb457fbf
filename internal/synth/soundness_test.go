package synth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// testingT is what *testing.T and *rapid.T share.
type testingT interface {
	Errorf(format string, args ...any)
}

func checkReferences(t testingT, p parsed, infrastructure map[string]int) {
	local := map[string]bool{}
	for _, e := range p.Entry {
		if local[e.FullURL] {
			t.Errorf("%s is there twice", e.FullURL)
		}
		local[e.FullURL] = true
		if e.FullURL != "urn:uuid:"+e.Resource["id"].(string) || e.Request.Method != "POST" || e.Request.URL != e.Resource["resourceType"] {
			t.Errorf("entry %s does not fit its resource", e.FullURL)
		}
		walk(e.Resource, "", nil, func(name string, v any, _ map[string]any) {
			if ref, ok := v.(string); ok && name == "reference" && !local[ref] && infrastructure[ref] != 1 {
				t.Errorf("%s: %s resolves neither backwards nor in the infrastructure", e.FullURL, ref)
			}
		})
	}
}

// The dates that may lie outside of life: what is announced for an implant,
// and when it was made.
var timelessDates = []string{"expirationDate", "manufactureDate"}

func checkDates(t testingT, p parsed, person Person, end time.Time) {
	last := end
	if died, ok := p.Entry[0].Resource["deceasedDateTime"].(string); ok {
		last, _ = time.Parse(time.RFC3339, died)
	}
	if person.Deceased != last.Before(end) {
		t.Errorf("deceased %v but the record's last day is %v", person.Deceased, last)
	}
	for _, e := range p.Entry {
		walk(e.Resource, "", nil, func(name string, v any, _ map[string]any) {
			text, ok := v.(string)
			if !ok || slices.Contains(timelessDates, name) {
				return
			}
			at, err := time.Parse(time.RFC3339, text)
			if err == nil && at.After(last) || len(text) >= 4 && isDate(text) && text[:min(len(text), 10)] > last.AddDate(0, 0, 1).Format(time.DateOnly)[:min(len(text), 10)] {
				t.Errorf("%s %s is %s, after %v", e.Resource["resourceType"], name, text, last)
			}
			if isDate(text) && text < person.BirthDate[:min(len(text), 10)] {
				t.Errorf("%s %s is %s, before birth on %s", e.Resource["resourceType"], name, text, person.BirthDate)
			}
		})
	}
}

// isDate tells whether the text is a FHIR date or dateTime.
func isDate(text string) bool {
	for _, layout := range []string{"2006-01", time.DateOnly, time.RFC3339} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// ucumCodes are the UCUM units that charts may use; each was looked up in the
// UCUM specification's tables.
var ucumCodes = strings.Fields(`cm kg kg/m2 /min Cel % mm[Hg] {score} mg/dL mmol/L g/dL U/L mL/min/{1.73_m2}
	10*3/uL 10*6/uL fL mg/g m[IU]/L ng/dL ng/mL pg/mL {INR} L /uL [pH] {ratio} d`)

func checkUnits(t testingT, p parsed) {
	for _, e := range p.Entry {
		walk(e.Resource, "", nil, func(name string, v any, _ map[string]any) {
			q, ok := v.(map[string]any)
			if !ok || q["value"] == nil || q["unit"] == nil {
				return
			}
			code, _ := q["code"].(string)
			if q["system"] != ucumSystem || !slices.Contains(ucumCodes, code) {
				t.Errorf("%s %s: unit %v is not UCUM", e.Resource["resourceType"], name, q)
			}
		})
	}
}

func checkNothingEmpty(t testingT, p parsed) {
	for _, e := range p.Entry {
		walk(e.Resource, "", nil, func(name string, v any, _ map[string]any) {
			text, isText := v.(string)
			list, isList := v.([]any)
			object, isObject := v.(map[string]any)
			if v == nil || isText && strings.TrimSpace(text) == "" || isList && len(list) == 0 || isObject && len(object) == 0 {
				t.Errorf("%s %s is empty", e.Resource["resourceType"], name)
			}
		})
	}
}

// checkVisits holds that visits are charted in order and end after they start.
func checkVisits(t testingT, p parsed) {
	var last time.Time
	for _, e := range p.Entry {
		if e.Resource["resourceType"] != "Encounter" {
			continue
		}
		span := e.Resource["period"].(map[string]any)
		start, startErr := time.Parse(time.RFC3339, span["start"].(string))
		end, endErr := time.Parse(time.RFC3339, span["end"].(string))
		if startErr != nil || endErr != nil || start.Before(last) || !end.After(start) {
			t.Errorf("visit %v to %v, after one of %v", span["start"], span["end"], last)
		}
		last = start
	}
	if last.IsZero() {
		t.Errorf("no visit")
	}
}

// Any patient of any seed is a sound record.
func TestAnyPatient(t *testing.T) {
	infrastructure := identifiersOf(t, New(Options{}).Infrastructure())
	rapid.Check(t, func(rt *rapid.T) {
		o := Options{
			Seed:     rapid.Uint64().Draw(rt, "seed"),
			End:      time.Unix(rapid.Int64Range(946684800, 1893456000).Draw(rt, "end"), 0).UTC(),
			MaxYears: rapid.IntRange(1, 12).Draw(rt, "years"),
		}
		b := New(o).Patient(rapid.IntRange(0, 1<<30).Draw(rt, "i"))
		p := parse(t, b)
		checkReferences(rt, p, infrastructure)
		checkDates(rt, p, b.Patient, o.End)
		checkUnits(rt, p)
		checkNothingEmpty(rt, p)
		checkVisits(rt, p)
		if p.Type != "transaction" || p.Entry[0].Resource["resourceType"] != "Patient" {
			rt.Errorf("not a patient's transaction")
		}
	})
}
