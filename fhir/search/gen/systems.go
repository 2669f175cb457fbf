package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"tributary/fhir/model"
)

type valueSet struct {
	URL     string
	Compose struct {
		Include []struct{ System string }
	}
}

// writeSystems lists the value sets of required bindings whose codes are all of
// one code system: it is the system that such a code implies in a token search.
func writeSystems(dir string) error {
	bound, systems := map[string]bool{}, map[string]string{}
	seen := map[*model.Type]bool{}
	for _, name := range model.Resources() {
		t, _ := model.TypeOf(name)
		bindings(t, seen, bound)
	}
	err := each(dir, "ValueSet-*.json", func(v valueSet) error {
		if system := only(v); bound[v.URL] && system != "" {
			systems[v.URL] = system
		}
		return nil
	})
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(head)
	for _, url := range slices.Sorted(maps.Keys(systems)) {
		fmt.Fprintf(&b, "%s\t%s\n", strings.TrimPrefix(url, "http://hl7.org/fhir/ValueSet/"), systems[url])
	}
	return os.WriteFile("systems.txt", []byte(b.String()), 0o644)
}

func bindings(t *model.Type, seen map[*model.Type]bool, bound map[string]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	for _, e := range t.Elements {
		bound[e.ValueSet] = true
		for i := range e.Types {
			bindings(e.TypeAt(i), seen, bound)
		}
	}
}

// only is the one system of a value set, "" of several or of an unknown one.
func only(v valueSet) string {
	system := ""
	for _, include := range v.Compose.Include {
		if include.System == "" || system != "" && include.System != system {
			return ""
		}
		system = include.System
	}
	return system
}
