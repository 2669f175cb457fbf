// Command gen condenses the invariants of R4's StructureDefinitions to the table
// that package profile embeds: an invariant a line, with the element that it is
// stated at. It reads a folder with the definitions (flag -dir), such as
// r4-definitions unpacked.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	dir := flag.String("dir", "", "folder with StructureDefinition-*.json")
	out := flag.String("out", "invariants.txt", "table to write")
	flag.Parse()
	table, err := condense(*dir)
	if err == nil {
		err = os.WriteFile(*out, table, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

type definition struct {
	Name, URL, Kind, Derivation, Type string
	Snapshot                          struct{ Element []element }
}

type element struct {
	Path       string
	Constraint []constraint
	Type       []struct{ Profile []string }
}

type constraint struct{ Key, Severity, Human, Expression, Source string }

// simple is the one profile of a data type that R4's own definitions refer to.
const simple = "http://hl7.org/fhir/StructureDefinition/SimpleQuantity"

func condense(dir string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "StructureDefinition-*.json"))
	if err != nil || len(files) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("no StructureDefinition in %q", dir))
	}
	var rows []string
	var simpleRule constraint
	var all []definition
	for _, file := range files {
		d, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if d.URL == simple {
			simpleRule = d.Snapshot.Element[0].own(simple)[0]
		}
		if d.Kind != "logical" && (d.Derivation == "specialization" || d.Name == "Element" || d.Name == "Resource") {
			all = append(all, d)
		}
	}
	for _, d := range all {
		rows = append(rows, d.rows(simpleRule)...)
	}
	slices.Sort(rows)
	var table bytes.Buffer
	for _, row := range slices.Compact(rows) {
		table.WriteString(row)
	}
	return table.Bytes(), nil
}

func read(file string) (d definition, err error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(src, &d)
}

func (d definition) rows(simpleRule constraint) (rows []string) {
	for _, e := range d.Snapshot.Element {
		for _, c := range e.own(d.URL) {
			rows = append(rows, c.row(e.Path))
		}
		if len(e.Type) == 1 && slices.Contains(e.Type[0].Profile, simple) && strings.HasPrefix(e.Path, d.Type+".") {
			rows = append(rows, simpleRule.row(e.Path))
		}
	}
	return rows
}

// own are the constraints that are stated here: those that are repeated from
// elsewhere name their source.
func (e element) own(url string) []constraint {
	return slices.DeleteFunc(slices.Clone(e.Constraint), func(c constraint) bool { return c.Source != "" && c.Source != url })
}

// mended are expressions of R4 that do not say what they mean, as the next
// version of FHIR says it.
var mended = map[string]string{
	"que-7": "operator = 'exists' implies (answer is boolean)", // Boolean is System's, which no element is
}

func (c constraint) row(path string) string {
	expression := cmp.Or(mended[c.Key], line(c.Expression))
	return strings.Join([]string{path, c.Key, c.Severity, expression, line(c.Human)}, "\t") + "\n"
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }
