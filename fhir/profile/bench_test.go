package profile_test

import (
	"testing"
	"time"

	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

func BenchmarkValidate(b *testing.B) {
	l := usCore(b)
	options := profile.Options{Definitions: l, Terminology: valueSets(b), Now: time.Now()}
	for _, name := range []string{"", "us-core-observation-lab", "us-core-blood-pressure", "us-core-patient"} {
		resource, profiles := parse(b, conforming["us-core-observation-lab"]), []*profile.Profile(nil)
		if name != "" {
			resource, profiles = parse(b, conforming[name]), []*profile.Profile{l.must(b, core+name)}
		}
		b.Run("against="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				profile.Validate(resource, profiles, options)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	root, err := tree.Parse(usCore(b).sources[core+"us-core-observation-lab"].Raw())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := profile.Compile(root, nil); err != nil {
			b.Fatal(err)
		}
	}
}
