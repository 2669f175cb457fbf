package terminology

import (
	"context"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS -out base.txt

// baseText holds the code systems of R4 and HL7's tables, and the value sets that
// draw on nothing else, as gen condenses them. A line is one of
//
//	S url version name title flags       a code system; flags: c case matters
//	<spaces>code display marks           its concept, nested by the number of spaces; marks: a abstract, i inactive, <code a further parent
//	V url version name title             a value set; flags: a active codes only
//	+system|version  -system|version     its include or exclude; behind it what belongs to it:
//	 code display                        a listed concept
//	=property op value                   a filter
//	@canonical                           a value set
//
// with tabs between the fields.
//
//go:embed base.txt
var baseText string

// Base finds what R4 itself defines, in the version 4.0.1 of most of it: codes and
// displays, without definitions. Each is compiled when it is first asked for.
var Base Resolver = &base{}

type base struct {
	index    sync.Once
	at       map[string]string // kind and url -> its lines
	compiled sync.Map          // kind and url -> *CodeSystem or *ValueSet
}

// entry finds the lines of a definition.
func (b *base) entry(key string) (lines string, ok bool) {
	b.index.Do(func() {
		b.at = map[string]string{}
		for rest := baseText; rest != ""; {
			end := nextEntry(rest)
			fields := strings.SplitN(rest[:end], "\t", 3)
			b.at[fields[0]+fields[1]] = rest[:end]
			rest = rest[end:]
		}
	})
	lines, ok = b.at[key]
	return lines, ok
}

// BaseSystems are the canonicals of the code systems of Base, in the order of their urls.
func BaseSystems() (canonicals []string) {
	b := Base.(*base)
	b.entry("")
	for _, key := range slices.Sorted(maps.Keys(b.at)) {
		if f := strings.SplitN(b.at[key], "\t", 4); f[0] == "S" {
			canonicals = append(canonicals, f[1]+"|"+strings.TrimSpace(f[2]))
		}
	}
	return canonicals
}

// nextEntry is where the next definition begins.
func nextEntry(text string) int {
	for at := 0; ; {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		if at += n + 1; strings.HasPrefix(text[at:], "S\t") || strings.HasPrefix(text[at:], "V\t") {
			return at
		}
	}
}

// find compiles on first use; the version must be the one there is, if any is asked for.
func find[T any](b *base, kind, canonical string, compile func(lines string) T, version func(T) string) (T, bool) {
	var none T
	url, asked := Canonical(canonical)
	lines, ok := b.entry(kind + url)
	if !ok {
		return none, false
	}
	found, ok := b.compiled.Load(kind + url)
	if !ok {
		found, _ = b.compiled.LoadOrStore(kind+url, compile(lines))
	}
	one := found.(T)
	return one, asked == "" || asked == version(one)
}

// CodeSystem implements Resolver.
func (b *base) CodeSystem(_ context.Context, canonical string) (*CodeSystem, error) {
	if s, ok := find(b, "S", canonical, readSystem, func(s *CodeSystem) string { return s.Version }); ok {
		return s, nil
	}
	return nil, nil
}

// ValueSet implements Resolver.
func (b *base) ValueSet(_ context.Context, canonical string) (*ValueSet, error) {
	if v, ok := find(b, "V", canonical, readSet, func(v *ValueSet) string { return v.Version }); ok {
		return v, nil
	}
	return implicit(canonical), nil
}

// implicit are value sets that follow from the url of a code system: all of its
// codes, or those below one (R4, "Using SNOMED CT" and "Using LOINC").
func implicit(canonical string) *ValueSet {
	url, version := Canonical(canonical)
	if url == "http://loinc.org/vs" {
		url = "http://loinc.org?fhir_vs"
	}
	system, which, ok := strings.Cut(url, "?fhir_vs")
	if !ok || system == "" || version != "" {
		return nil
	}
	v := &ValueSet{URL: canonical, Status: "active", storedAt: map[codeKey]int32{}}
	all := newPart(&v.include, system)
	code, below := strings.CutPrefix(which, "=isa/")
	switch {
	case below && code != "":
		all.filters = append(all.filters, newFilter("concept", "is-a", code))
	case which != "":
		return nil
	}
	return v
}

// ConceptMap implements Resolver: there is none.
func (b *base) ConceptMap(context.Context, string) (*ConceptMap, error) { return nil, nil }

// ConceptMaps implements Resolver.
func (b *base) ConceptMaps(context.Context, string, string) ([]*ConceptMap, error) { return nil, nil }

func readSystem(lines string) *CodeSystem {
	head, rest, _ := strings.Cut(lines, "\n")
	f := fields(head, 6)
	b := newBuilder(CodeSystem{
		URL: f[1], Version: f[2], Name: f[3], Title: f[4], Content: Complete, CaseSensitive: strings.Contains(f[5], "c"),
		loose: strings.Contains(f[5], "l"),
	})
	over := []int32{-1}
	for line := range strings.Lines(rest) {
		line = strings.TrimSuffix(line, "\n")
		text := strings.TrimLeft(line, " ")
		depth := len(line) - len(text) // from 1
		c, parents := readConcept(text)
		at := b.add(c, over[depth-1], int32(depth-1))
		for _, code := range parents {
			b.links = append(b.links, link{from: at, code: code})
		}
		over = append(over[:depth], at)
	}
	return b.finish()
}

func readConcept(text string) (c Concept, parents []string) {
	f := fields(text, 3)
	c = Concept{Code: f[0], Display: f[1]}
	for mark := range strings.SplitSeq(f[2], " ") {
		switch {
		case mark == "a":
			c.Abstract = true
		case mark == "i":
			c.Inactive = true
		case strings.HasPrefix(mark, "<"):
			parents = append(parents, mark[1:])
		}
	}
	return c, parents
}

func readSet(lines string) *ValueSet {
	head, rest, _ := strings.Cut(lines, "\n")
	f := fields(head, 6)
	v := &ValueSet{
		URL: f[1], Version: f[2], Name: f[3], Title: f[4], Status: "active", onlyActive: strings.Contains(f[5], "a"),
		storedAt: map[codeKey]int32{},
	}
	var one *part
	for line := range strings.Lines(rest) {
		line = strings.TrimSuffix(line, "\n")
		switch text := line[1:]; line[0] {
		case '+':
			one = newPart(&v.include, text)
		case '-':
			one = newPart(&v.exclude, text)
		case ' ':
			c := fields(text, 2)
			one.list(listed{code: c[0], display: c[1]})
		case '=':
			c := fields(text, 3)
			one.filters = append(one.filters, newFilter(c[0], c[1], c[2]))
		case '@':
			one.sets = append(one.sets, text)
		}
	}
	return v
}

func newPart(list *[]part, canonical string) *part {
	url, version := Canonical(canonical)
	*list = append(*list, part{system: url, version: version, at: map[string]int32{}})
	return &(*list)[len(*list)-1]
}

// fields are those between tabs, n of them.
func fields(line string, n int) []string {
	f := strings.SplitN(line, "\t", n)
	for len(f) < n {
		f = append(f, "")
	}
	return f
}
