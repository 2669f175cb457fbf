package program

import (
	"strings"
	"testing"
)

// Each change to the rules makes a fault that names the place.
func TestRulesNameOnlyWhatThereIs(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"holds: {survey: basics}", "holds: {survey: basic}", `condition basics: survey: "basic" is none of`},
		{"holds: {consent: ehr}", "holds: {consent: records}", `condition ehr: consent: "records" is none of`},
		{"holds: {event: sampled}", "holds: {event: weighed}", `condition sampled: event: "weighed" is none of measured, sampled`},
		{"holds: {now: booked}", "holds: {soon: booked}", "condition visit: holds asks one of"},
		{"      es: Usted ha dejado el estudio.\n", "", `condition withdrawn: unmet: the text in "es" is missing`},
		{"needs: [sampled]", "needs: [connected]", "milestone core-minus-measurements: connected is not dated"},
		{"after: eligible", "after: core", `milestone core-minus-measurements: after "core"`},
		{"needs: [research-consent, ehr]\n    done", "needs: [research-consent, her]\n    done", `step connect: no condition "her"`},
		{"  - id: biosamples", "  - id: samples", `the step "biosamples" is missing`},
		{"link: /studies", "link: https://elsewhere.example", "link"},
	} {
		broken := copied(t)
		text := string(broken["eligibility.yaml"].Data)
		if !strings.Contains(text, c.old) {
			t.Fatalf("there is no %q to break", c.old)
		}
		broken["eligibility.yaml"].Data = []byte(strings.Replace(text, c.old, c.new, 1))
		if _, err := Load(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %q the fault does not say %q: %v", c.new, c.want, err)
		}
	}
}
