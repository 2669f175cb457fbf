package profile_test

import (
	"testing"
	"time"

	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

// FuzzValidate: whatever a definition and a resource are, there is an answer, with at
// most as many issues as are listed.
func FuzzValidate(f *testing.F) {
	for _, c := range append(rules, slicings...) {
		f.Add([]byte(definition(here, "Patient", c.elements)), []byte(c.resource))
		f.Add([]byte(definition(here, "Observation", c.elements)), []byte(c.resource))
	}
	for _, resource := range conforming {
		f.Add([]byte(definition(here, "Extension", `{"path":"Extension.url","fixedUri":"x"}`)), []byte(resource))
	}
	f.Add([]byte(`{"resourceType":"StructureDefinition","type":"Patient","differential":{"element":[{"path":"Patient"}]}}`), []byte(`{"resourceType":"Patient"}`))
	f.Fuzz(func(t *testing.T, def, resource []byte) {
		root, err := tree.Parse(resource)
		if err != nil {
			return
		}
		var profiles []*profile.Profile
		l := newLibrary()
		if d, err := tree.Parse(def); err == nil {
			l.sources[d.Get("url").Text()] = d
			if p, err := l.Profile(d.Get("url").Text()); err == nil && p != nil {
				profiles = append(profiles, p)
			}
		}
		issues := profile.Validate(root, profiles, profile.Options{Definitions: l, Terminology: colours{}, Now: time.Unix(0, 0)})
		if len(issues) > profile.MaxIssues+1 {
			t.Errorf("%d issues", len(issues))
		}
		for _, i := range issues {
			if i.Severity == "" || i.Code == "" || i.Text == "" {
				t.Errorf("%+v", i)
			}
		}
	})
}
