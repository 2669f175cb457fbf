// Command gen condenses the code systems and value sets of R4 to the text that
// package terminology compiles in: codes, displays and hierarchies, without
// definitions. Of the code systems it takes HL7's own; of the value sets those that
// draw on nothing else, or on systems with a grammar. It reads a folder with the
// definitions (flag -dir), such as r4-definitions unpacked.
package main

import (
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
	dir := flag.String("dir", "", "folder with the definitions as JSON")
	out := flag.String("out", "base.txt", "file to write")
	flag.Parse()
	text, err := run(*dir)
	if err == nil {
		err = os.WriteFile(*out, []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// grammatical are the systems that package terminology knows by their grammar.
var grammatical = []string{"urn:ietf:bcp:13", "urn:ietf:bcp:47", "http://unitsofmeasure.org"}

func run(dir string) (string, error) {
	systems, err := all[codeSystem](dir, "CodeSystem")
	if err != nil {
		return "", err
	}
	sets, err := all[valueSet](dir, "ValueSet")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	known := map[string]bool{}
	for _, s := range systems {
		if s.ours() {
			known[s.URL] = true
			s.write(&b)
		}
	}
	for _, system := range grammatical {
		known[system] = true
	}
	for _, v := range closed(sets, known) {
		v.write(&b)
	}
	return b.String(), nil
}

func all[T any](dir, typ string) (list []T, err error) {
	files, err := filepath.Glob(filepath.Join(dir, typ+"-*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: there is no %s", dir, typ)
	}
	slices.Sort(files)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var one T
		if err := json.Unmarshal(src, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, one)
	}
	return list, err
}

// line writes fields with tabs between, without the empty ones at the end.
func line(b *strings.Builder, fields ...string) {
	for i, f := range fields {
		fields[i] = strings.Join(strings.Fields(f), " ")
	}
	b.WriteString(strings.TrimRight(strings.Join(fields, "\t"), "\t"))
	b.WriteByte('\n')
}
