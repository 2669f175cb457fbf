package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// bindings lists system|code for each element of type CodeableConcept with a
// required binding. Elements of type code are google/fhir's.
func bindings(dir string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "StructureDefinition-*.json"))
	if err != nil {
		return nil, err
	}
	table := map[string][]string{}
	for _, file := range files {
		var d definition
		if err := read(file, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if d.Kind == "resource" && d.Derivation == "specialization" {
			if err := d.bindings(dir, table); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return table, nil
}

type definition struct {
	Kind, Derivation string
	Snapshot         struct {
		Element []struct {
			Path    string
			Type    []struct{ Code string }
			Binding struct{ Strength, ValueSet string }
		}
	}
}

// open are the value sets that no list of codes can hold.
var open = map[string]bool{"ucum-units": true, "LL379-9": true}

func (d definition) bindings(dir string, table map[string][]string) error {
	for _, e := range d.Snapshot.Element {
		name, _, _ := strings.Cut(filepath.Base(e.Binding.ValueSet), "|")
		if e.Binding.Strength != "required" || len(e.Type) != 1 || e.Type[0].Code != "CodeableConcept" || open[name] {
			continue
		}
		codes, err := valueSet(dir, name)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
		table[e.Path] = codes
	}
	return nil
}

// valueSet expands a value set that consists of whole code systems, as all of
// these do.
func valueSet(dir, name string) ([]string, error) {
	var set struct {
		Compose struct {
			Include []struct {
				System          string
				Concept, Filter []any
			}
			Exclude []any
		}
	}
	if err := read(filepath.Join(dir, "ValueSet-"+name+".json"), &set); err != nil {
		return nil, err
	}
	var all []string
	for _, include := range set.Compose.Include {
		if len(include.Concept)+len(include.Filter)+len(set.Compose.Exclude) > 0 {
			return nil, fmt.Errorf("value set %s is no whole code system", name)
		}
		codes, err := codeSystem(dir, include.System)
		if err != nil {
			return nil, err
		}
		all = append(all, codes...)
	}
	return all, nil
}

type concept struct {
	Code    string
	Concept []concept
}

func codeSystem(dir, system string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "CodeSystem-*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		var s struct {
			URL     string
			Concept []concept
		}
		if err := read(file, &s); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if s.URL == system {
			return flatten(system, s.Concept), nil
		}
	}
	return nil, fmt.Errorf("no code system %s", system)
}

func flatten(system string, concepts []concept) []string {
	var codes []string
	for _, c := range concepts {
		codes = append(append(codes, system+"|"+c.Code), flatten(system, c.Concept)...)
	}
	return codes
}
