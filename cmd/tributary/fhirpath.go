package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/profile"
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	answers "tributary/internal/terminology"
)

type fhirpathCommand struct {
	Expression string `arg:"" help:"FHIRPath expression, such as 'Patient.name.given'."`
	Resource   string `arg:"" help:"File with a resource as JSON; - reads standard input."`
	JSON       bool   `help:"Print one JSON array of the results." name:"json"`
}

// Run implements the command fhirpath. An invalid expression is an error that
// names the position.
func (c fhirpathCommand) Run(*environment) error {
	words := terminology.Service{From: terminology.Base}
	facts := answers.NewAnswers(context.Background(), &words, time.Now())
	env := &path.Env{Now: time.Now(), Trace: traceTo(os.Stderr), Terminology: facts, Profiles: baseProfiles{facts}}
	return c.print(os.Stdout, os.Stdin, env)
}

// baseProfiles knows R4's own types and their invariants.
type baseProfiles struct{ terminology path.Terminology }

// ConformsTo implements path.Profiles.
func (b baseProfiles) ConformsTo(resource tree.Value, canonical string) (conforms, known bool, err error) {
	url, _, _ := strings.Cut(canonical, "|")
	name, ok := strings.CutPrefix(url, "http://hl7.org/fhir/StructureDefinition/")
	if _, known := model.TypeOf(name); !ok || !known {
		return false, false, nil
	}
	if typ, ok := model.TypeOf(resource.Get("resourceType").Text()); !ok || !typ.Is(name) {
		return false, true, nil
	}
	issues := profile.Validate(resource, nil, profile.Options{Terminology: b.terminology, Now: time.Now()})
	return !slices.ContainsFunc(issues, func(i profile.Issue) bool { return i.Severity == "error" }), true, nil
}

// ElementDefinition implements path.Elements.
func (baseProfiles) ElementDefinition(element tree.Value) (definition tree.Value, known bool, err error) {
	return profile.ElementDefinition(element)
}

// InSlice implements path.Elements: R4's own types have no slices.
func (baseProfiles) InSlice(tree.Value, string, string) (member, known bool, err error) {
	return false, false, nil
}

func (c fhirpathCommand) print(w io.Writer, stdin io.Reader, env *path.Env) error {
	expr, err := path.Compile(c.Expression)
	if err != nil {
		return err
	}
	source, err := c.read(stdin)
	if err != nil {
		return err
	}
	root, err := tree.Parse(source)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Resource, err)
	}
	items, err := expr.Eval(root, env)
	if err != nil {
		return err
	}
	if c.JSON {
		return printArray(w, items)
	}
	return printLines(w, items)
}

func (c fhirpathCommand) read(stdin io.Reader) ([]byte, error) {
	if c.Resource == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(c.Resource)
}

// traceTo shows what the function trace() sees.
func traceTo(w io.Writer) func(string, []path.Item) {
	return func(name string, items []path.Item) {
		fmt.Fprintf(w, "%s:\n", name)
		printLines(w, items) //nolint:errcheck // nobody reads it
	}
}

// onOneLine keeps a text with line breaks one line of output.
var onOneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

func printLines(w io.Writer, items []path.Item) error {
	for _, i := range items {
		line := i.String()
		if node, ok := i.Node(); ok && node.Len() > 0 {
			line = string(compact(node))
		}
		if _, err := fmt.Fprintln(w, onOneLine.Replace(line)); err != nil {
			return err
		}
	}
	return nil
}

// printArray prints nodes as their JSON and computed values as JSON values.
// Primitives that have extensions only have no value to print.
func printArray(w io.Writer, items []path.Item) error {
	values := make([][]byte, 0, len(items))
	for _, i := range items {
		value, err := jsonOf(i)
		if err != nil {
			return err
		}
		if value != nil {
			values = append(values, value)
		}
	}
	_, err := fmt.Fprintf(w, "[%s]\n", bytes.Join(values, []byte{','}))
	return err
}

func jsonOf(i path.Item) ([]byte, error) {
	if node, ok := i.Node(); ok {
		return compact(node), nil
	}
	if _, bare := i.Extensions(); bare {
		return nil, nil
	}
	switch i.Type() {
	case "Boolean", "Integer", "Long", "Decimal":
		return []byte(i.String()), nil
	case "SimpleTypeInfo":
		namespace, name, _ := strings.Cut(i.String(), ".")
		return json.Marshal(map[string]string{"namespace": namespace, "name": name})
	}
	return json.Marshal(i.String())
}

// compact is the JSON of a node without white space; numbers stay as sent.
func compact(node tree.Value) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, node.Raw()); err != nil {
		return node.Raw()
	}
	return b.Bytes()
}
