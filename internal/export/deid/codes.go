package deid

import (
	_ "embed" // the tables
	"regexp"
	"strings"

	"tributary/fhir/tree"
)

//go:generate sh -c "go run ./gen $R4_DEFINITIONS $US_CORE_DEFINITIONS > codes.new && mv codes.new codes.txt"

//go:embed codes.txt
var hl7Codes string

//go:embed systems.txt
var publicSystems string

// Ours is the beginning of the systems of the study's own answers; their codes
// come from surveys that the server validates.
const ours = "https://tributary.example/fhir/CodeSystem/"

var (
	lists    = readLists(hl7Codes)
	patterns = readPatterns(publicSystems)
	ownCode  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	ownTail  = regexp.MustCompile(`^[a-z][a-z-]{0,39}$`)
)

// readLists reads, for each of HL7's systems, its codes.
func readLists(table string) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for line := range strings.Lines(table) {
		system, codes, found := strings.Cut(strings.TrimSpace(line), "\t")
		if !found || line[0] == '#' {
			continue
		}
		list := map[string]bool{}
		for _, c := range strings.Fields(codes) {
			list[c] = true
		}
		all[system] = list
	}
	return all
}

func readPatterns(table string) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for line := range strings.Lines(table) {
		system, pattern, found := strings.Cut(strings.TrimSpace(line), "\t")
		if found && line[0] != '#' {
			all[system] = regexp.MustCompile(`^(` + pattern + `)$`)
		}
	}
	return all
}

// public tells whether a code is one that everybody knows.
func public(system, code string) bool {
	if list, ok := lists[system]; ok {
		return list[code]
	}
	if pattern, ok := patterns[system]; ok {
		return pattern.MatchString(code)
	}
	name, own := strings.CutPrefix(system, ours)
	return own && ownTail.MatchString(name) && ownCode.MatchString(code)
}

// coding leaves the system and code of a public one.
func coding(w *writer, v tree.Value) bool {
	system, code := v.Get("system").Text(), v.Get("code").Text()
	return public(system, code) && w.coded(system, code)
}

// coded appends a coding; public codes need no escapes.
func (w *writer) coded(system, code string) bool {
	w.out = append(w.out, `{"system":`...)
	w.quoted(system)
	w.out = append(w.out, `,"code":`...)
	w.quoted(code)
	w.out = append(w.out, '}')
	return true
}

func concept(w *writer, v tree.Value) bool {
	codings := v.Get("coding")
	if codings.Kind() != tree.Array {
		return false
	}
	w.out = append(w.out, `{"coding":`...)
	if !w.value(codings, coding) {
		return false
	}
	w.out = append(w.out, '}')
	return true
}

// quantity leaves the number and, where it is coded, the unit.
func quantity(w *writer, v tree.Value) bool { return w.quantity(v, v.Get("value").Text()) }

func (w *writer) quantity(v tree.Value, value string) bool {
	if v.Get("value").Kind() != tree.Number {
		return false
	}
	w.out = append(append(w.out, `{"value":`...), value...)
	if c := v.Get("comparator"); c.Exists() {
		w.member("comparator", c, &field{rule: code})
	}
	system, unit := v.Get("system").Text(), v.Get("code").Text()
	if public(system, unit) {
		w.out = append(w.out, `,"system":`...)
		w.quoted(system)
		w.out = append(w.out, `,"code":`...)
		w.quoted(unit)
	}
	w.out = append(w.out, '}')
	return true
}
