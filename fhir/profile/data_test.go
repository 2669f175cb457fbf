package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

// library are the definitions of archives of test data, compiled when asked for.
type library struct {
	mu       sync.Mutex
	sources  map[string]tree.Value
	compiled map[string]*profile.Profile
	failed   map[string]error
}

func newLibrary() *library {
	return &library{sources: map[string]tree.Value{}, compiled: map[string]*profile.Profile{}, failed: map[string]error{}}
}

func (l *library) add(t testing.TB, src []byte) {
	t.Helper()
	root, err := tree.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	l.sources[root.Get("url").Text()] = root
}

func (l *library) Profile(canonical string) (*profile.Profile, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.profile(canonical)
}

// must is a profile that is there.
func (l *library) must(t testing.TB, canonical string) *profile.Profile {
	t.Helper()
	p, err := l.Profile(canonical)
	if err != nil || p == nil {
		t.Fatalf("%s: %v", canonical, err)
	}
	return p
}

// locked looks up bases while the lock is held.
type locked struct{ *library }

func (l locked) Profile(canonical string) (*profile.Profile, error) { return l.profile(canonical) }

func (l *library) profile(canonical string) (*profile.Profile, error) {
	url, _, _ := strings.Cut(canonical, "|")
	if p, done := l.compiled[url]; done {
		return p, l.failed[url]
	}
	src, ok := l.sources[url]
	if !ok {
		return nil, nil
	}
	l.compiled[url] = nil // a base in a circle is not found
	p, err := profile.Compile(src, locked{l})
	l.compiled[url], l.failed[url] = p, err
	return p, err
}

var loaded sync.Map

// usCore is US Core 6.1.0 with R4's own profiles and extensions.
func usCore(t testing.TB) *library {
	t.Helper()
	if l, ok := loaded.Load("us-core"); ok {
		return l.(*library)
	}
	l := newLibrary()
	for _, name := range []string{"r4-definitions", "us-core-610"} {
		for _, file := range glob(t, name, "StructureDefinition-*.json") {
			l.add(t, read(t, file))
		}
	}
	loaded.Store("us-core", l)
	return l
}

func glob(t testing.TB, archive, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(fhirtest.Data(t, archive), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no %s (%v)", archive, pattern, err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// sets are the value sets of the archives, as far as they list codes or draw in
// whole systems.
type sets map[string][]part

type part struct {
	system string
	codes  map[string]bool // nil: all of the system
	vague  bool            // by filters, or by what is not listed
}

func valueSets(t testing.TB) sets {
	t.Helper()
	if s, ok := loaded.Load("sets"); ok {
		return s.(sets)
	}
	s := sets{}
	for _, archive := range []string{"r4-definitions", "us-core-610"} {
		for _, file := range glob(t, archive, "ValueSet-*.json") {
			root, err := tree.Parse(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			for include := range root.At("compose", "include").Elements() {
				url := root.Get("url").Text()
				s[url] = append(s[url], partOf(include))
			}
		}
	}
	loaded.Store("sets", s)
	return s
}

func partOf(include tree.Value) part {
	p := part{system: include.Get("system").Text(), vague: include.Get("filter").Exists() || include.Get("valueSet").Exists()}
	for c := range include.Get("concept").Elements() {
		if p.codes == nil {
			p.codes = map[string]bool{}
		}
		p.codes[c.Get("code").Text()] = true
	}
	return p
}

func (s sets) MemberOf(set, system, code string) (member, known bool, err error) {
	url, _, _ := strings.Cut(set, "|")
	parts, known := s[url]
	for _, p := range parts {
		switch {
		case p.vague:
			known = false
		case system != "" && p.system != system:
		case p.codes == nil || p.codes[code]:
			return true, true, nil
		}
	}
	return false, known, nil
}

func (s sets) Subsumes(string, string, string) (string, bool, error) { return "", false, nil }

// said are the issues as "severity expression: text", those of the severities only.
func said(issues []profile.Issue, severities ...string) (lines []string) {
	for _, i := range issues {
		for _, s := range severities {
			if i.Severity == s {
				lines = append(lines, i.Severity+" "+i.Expression+": "+i.Text+" ["+i.Profile+"]")
			}
		}
	}
	return lines
}

func parse(t testing.TB, src string) tree.Value {
	t.Helper()
	v, err := tree.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%v: %s", err, src)
	}
	return v
}
