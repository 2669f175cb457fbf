package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// compartment reads the element paths by which a type is in the patient's
// compartment.
func compartment(dir string) (map[string][]string, error) {
	var definition struct {
		Resource []struct {
			Code  string
			Param []string
		}
	}
	if err := read(filepath.Join(dir, "CompartmentDefinition-patient.json"), &definition); err != nil {
		return nil, err
	}
	expressions, err := readExpressions(dir)
	if err != nil {
		return nil, err
	}
	table := map[string][]string{}
	for _, r := range definition.Resource {
		for _, param := range r.Param {
			paths, err := pathsOf(r.Code, expressions[r.Code+"/"+param])
			if err != nil {
				return nil, fmt.Errorf("%s, parameter %s: %w", r.Code, param, err)
			}
			table[r.Code] = append(table[r.Code], paths...)
		}
	}
	return table, nil
}

func read(file string, into any) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(src, into)
}

// readExpressions returns the FHIRPath of each parameter by Type/code.
func readExpressions(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "SearchParameter-*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, file := range files {
		var p struct {
			Code, Expression string
			Base             []string
		}
		if err := read(file, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, base := range p.Base {
			all[base+"/"+p.Code] = p.Expression
		}
	}
	return all, nil
}

const targetFilter = ".where(resolve() is Patient)"

// pathsOf takes the union's branches that start at the type. A table of plain
// paths must stay one: anything beyond the filter on the target is an error.
func pathsOf(typ, expression string) ([]string, error) {
	var paths []string
	for branch := range strings.SplitSeq(expression, "|") {
		path, ours := strings.CutPrefix(strings.TrimSuffix(strings.TrimSpace(branch), targetFilter), typ+".")
		if !ours {
			continue
		}
		if strings.ContainsAny(path, "( )") {
			return nil, fmt.Errorf("not a plain path: %s", path)
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no path in %q", expression)
	}
	return paths, nil
}
