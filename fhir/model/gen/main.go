// Command gen condenses the R4 StructureDefinitions to the table that package
// model embeds. It reads a folder with StructureDefinition-*.json files (flag
// -dir) or, without it, the r4-definitions.tar.xz of $TRIBUTARY_TESTDATA.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	dir := flag.String("dir", "", "folder with StructureDefinition-*.json")
	out := flag.String("out", "r4.txt", "table to write")
	flag.Parse()
	if err := run(*dir, *out); err != nil {
		log.Fatal(err)
	}
}

func run(dir, out string) error {
	if dir == "" {
		unpacked, err := unpack(os.Getenv("TRIBUTARY_TESTDATA"))
		if err != nil {
			return err
		}
		defer os.RemoveAll(unpacked)
		dir = filepath.Join(unpacked, "r4-definitions")
	}
	table, err := condense(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(out, table, 0o644)
}

// unpack lets tar open the archive: the standard library has no xz.
func unpack(archives string) (string, error) {
	dir, err := os.MkdirTemp("", "r4-definitions")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("tar", "-xJf", filepath.Join(archives, "r4-definitions.tar.xz"), "-C", dir)
	cmd.Stderr = os.Stderr
	return dir, cmd.Run()
}

func condense(dir string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "StructureDefinition-*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no StructureDefinition in %s", dir)
	}
	var types []line
	for _, file := range files {
		more, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		types = append(types, more...)
	}
	slices.SortFunc(types, func(a, b line) int { return cmp.Compare(a.name, b.name) })
	var table bytes.Buffer
	for _, t := range types {
		fmt.Fprintf(&table, "%s %s %s\n%s", t.name, t.base, t.kind, t.elements.String())
	}
	return table.Bytes(), nil
}

type line struct {
	name, base, kind string
	elements         *strings.Builder
}

type definition struct {
	Name, Kind, Derivation, BaseDefinition string
	Abstract                               bool
	Snapshot                               struct{ Element []element }
}

type element struct {
	Path, Max        string
	Min              int
	IsSummary        bool
	ContentReference string
	Base             struct{ Path string }
	Type             []struct {
		Code      string
		Extension []struct{ URL, ValueURL string }
	}
	Binding struct{ Strength, ValueSet string }
}

func read(file string) ([]line, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var d definition
	if err := json.Unmarshal(src, &d); err != nil {
		return nil, err
	}
	root := d.BaseDefinition == "" && (d.Name == "Element" || d.Name == "Resource")
	if d.Kind == "logical" || d.Derivation != "specialization" && !root {
		return nil, nil
	}
	return d.lines(), nil
}

func (d *definition) lines() []line {
	types := []line{{d.Name, cmp.Or(last(d.BaseDefinition, "/"), "-"), d.kind(), &strings.Builder{}}}
	index := map[string]int{d.Name: 0}
	for _, e := range d.Snapshot.Element[1:] {
		if e.backbone() {
			index[e.Path] = len(types)
			types = append(types, line{e.Path, e.Type[0].Code, "backbone", &strings.Builder{}})
		}
		cut := strings.LastIndex(e.Path, ".")
		owner := e.Path[:cut]
		inherited := e.Base.Path != e.Path
		if inherited || d.Kind == "primitive-type" && e.Path == d.Name+".value" {
			continue
		}
		types[index[owner]].elements.WriteString(e.describe(e.Path[cut+1:]))
	}
	return types
}

func (d *definition) kind() string {
	if d.Abstract {
		return "abstract"
	}
	return strings.TrimSuffix(d.Kind, "-type")
}

// backbone tells elements that define a type in place.
func (e *element) backbone() bool {
	return len(e.Type) == 1 && (e.Type[0].Code == "BackboneElement" || e.Type[0].Code == "Element") &&
		e.Path != "Element" && e.Path != "BackboneElement"
}

func (e *element) describe(name string) string {
	s := fmt.Sprintf(" %s %d%s%s %s", name, e.Min, max1(e.Max), e.summary(), strings.Join(e.types(), ","))
	if set, _, _ := strings.Cut(e.Binding.ValueSet, "|"); e.Binding.Strength == "required" && set != "" {
		s += " " + strings.TrimPrefix(set, "http://hl7.org/fhir/ValueSet/")
	}
	return s + "\n"
}

func (e *element) summary() string {
	if e.IsSummary {
		return "s"
	}
	return ""
}

func max1(max string) string {
	if max == "1" || max == "0" {
		return ""
	}
	return "*"
}

func (e *element) types() []string {
	switch {
	case e.ContentReference != "":
		return []string{strings.TrimPrefix(e.ContentReference, "#")}
	case e.backbone():
		return []string{e.Path}
	case e.Path == "Resource.id":
		return []string{"id"} // the definition says String; the resource page and every validator say id
	}
	var names []string
	for _, t := range e.Type {
		name := t.Code
		for _, x := range t.Extension {
			if strings.HasSuffix(x.URL, "structuredefinition-fhir-type") {
				name = x.ValueURL
			}
		}
		name = last(name, ".")
		if name == "String" {
			name = "string"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func last(s, separator string) string { return s[strings.LastIndex(s, separator)+1:] }
