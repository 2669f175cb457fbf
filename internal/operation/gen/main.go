// Command gen condenses R4's OperationDefinitions to the table that package operation
// embeds: an operation a line, its parameters indented below. It reads a folder with
// the definitions (flag -dir), such as r4-definitions unpacked.
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
	dir := flag.String("dir", "", "folder with OperationDefinition-*.json")
	out := flag.String("out", "r4.txt", "table to write")
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
	ID, URL, Name, Code, Kind string
	AffectsState              bool
	Resource                  []string
	System, Type, Instance    bool
	Parameter                 []parameter
}

type parameter struct {
	Name, Use, Max, Type, SearchType string
	Min                              int
	Part                             []parameter
}

const base = "http://hl7.org/fhir/OperationDefinition/"

func condense(dir string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "OperationDefinition-*.json"))
	if err != nil || len(files) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("no OperationDefinition in %q", dir))
	}
	slices.Sort(files)
	var table bytes.Buffer
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var d definition
		if err := json.Unmarshal(src, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if d.URL == base+d.ID && d.ID != "example" {
			d.write(&table)
		}
	}
	return table.Bytes(), nil
}

func (d definition) write(table *bytes.Buffer) {
	fmt.Fprintln(table, strings.Join([]string{d.ID, d.Code, d.Kind, flags(d), strings.Join(d.Resource, ","), d.Name}, "\t"))
	for _, p := range d.Parameter {
		p.write(table, 1)
	}
}

// flags are what is true of it: system, type, instance, affects state.
func flags(d definition) string {
	text := ""
	for _, f := range []struct {
		letter string
		set    bool
	}{{"s", d.System}, {"t", d.Type}, {"i", d.Instance}, {"a", d.AffectsState}} {
		if f.set {
			text += f.letter
		}
	}
	return text
}

func (p parameter) write(table *bytes.Buffer, depth int) {
	fmt.Fprintf(table, "%s%s\n", strings.Repeat(" ", depth), strings.Join([]string{p.Name, p.Use, fmt.Sprint(p.Min), p.Max, p.Type, p.SearchType}, "\t"))
	for _, part := range p.Part {
		part.write(table, depth+1)
	}
}
