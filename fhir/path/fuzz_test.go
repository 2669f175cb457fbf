package path

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// FuzzCompile: no text makes Compile or Eval panic, and every error is typed.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"Patient.name.where(use = 'official')[0].given", "1 'mg' + @2020-01-01T10:00:00.5+02:00", "-(1 | 2).sort(-$this)",
		"iif(%a is FHIR.`code`, {}, $index) // c", strings.Repeat("(", 200), strings.Repeat("-", 2000), "a" + strings.Repeat(".a", 2000), "'\\u00e9'.matches('[')"} {
		f.Add(s)
	}
	focus := document(f, patient)
	f.Fuzz(func(t *testing.T, expression string) {
		e, err := Compile(expression)
		var syntax *SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Position < 0 || syntax.Position > len(expression) {
				t.Fatalf("%v", err)
			}
			return
		}
		_, err = e.Eval(focus, testEnv)
		var failed *EvalError
		if err != nil && !errors.As(err, &failed) {
			t.Fatalf("%v", err)
		}
	})
}

// operands and functions for random expressions.
var (
	operands = []string{"1", "2.50", "'a'", "true", "{}", "@2020-02", "@T10:30", "3 'mg'", "2 days", "@2020-01-01T10:00:00Z", "(1 | 'b')",
		"name", "name.given", "birthDate", "deceased", "active", "telecom", "%context", "$this", "$index", "generalPractitioner", "Patient", "1.type()"}
	signs = []string{"+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains", "and", "or", "xor", "implies"}
	types = []string{"Quantity", "string", "FHIR.Patient", "System.Integer", "HumanName"}
)

// expressions draws expressions of every operator and function in the tables.
func expressions(depth int) *rapid.Generator[string] {
	var names []string
	for name := range functions {
		names = append(names, name)
	}
	slices.Sort(names)
	return rapid.Custom(func(t *rapid.T) string {
		if depth == 0 {
			return rapid.SampledFrom(operands).Draw(t, "operand")
		}
		inner := func(label string) string { return "(" + expressions(depth-1).Draw(t, label) + ")" }
		switch rapid.IntRange(0, 4).Draw(t, "form") {
		case 0:
			return inner("left") + " " + rapid.SampledFrom(signs).Draw(t, "sign") + " " + inner("right")
		case 1:
			return inner("left") + " " + rapid.SampledFrom([]string{"is", "as"}).Draw(t, "op") + " " + rapid.SampledFrom(types).Draw(t, "type")
		case 2:
			return "-" + inner("negated") + "[" + inner("index") + "]"
		}
		name := rapid.SampledFrom(names).Draw(t, "function")
		if name == "getReferenceKey" {
			return inner("input") + ".getReferenceKey(Patient)"
		}
		f, args := functions[name], []string{}
		for range rapid.IntRange(f.min, min(f.max, f.min+1)).Draw(t, "arguments") {
			args = append(args, inner("argument"))
		}
		return inner("input") + "." + name + "(" + strings.Join(args, ", ") + ")"
	})
}

// TestEvaluationNeverPanics: whatever the types of the operands, a result or
// an *EvalError comes out, and the same one again.
func TestEvaluationNeverPanics(t *testing.T) {
	focus := document(t, patient)
	rapid.Check(t, func(t *rapid.T) {
		expression := expressions(3).Draw(t, "expression")
		e, err := Compile(expression)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		first, err := e.Eval(focus, testEnv)
		var failed *EvalError
		if err != nil && !errors.As(err, &failed) {
			t.Fatalf("%s: %v", expression, err)
		}
		again, _ := e.Eval(focus, testEnv)
		if err == nil && show(first) != show(again) {
			t.Fatalf("%s: %s, then %s", expression, show(first), show(again))
		}
	})
}

// TestAlgebra holds laws that the specification states, on random operands.
func TestAlgebra(t *testing.T) {
	focus := document(t, patient)
	laws := []string{
		"(A = B) = (B = A)", "(A ~ B) = (B ~ A)", "(A != B) = (A = B).not()", "(A !~ B) = (A ~ B).not()",
		"(A | B) ~ (B | A)", "(A | B).isDistinct()", "A.union(B) ~ A.combine(B).distinct()", "A.exclude(B).intersect(B).empty()",
		"A.subsetOf(A | B)", "A.count() = A.skip(1).count() + A.take(1).count()", "A.where(true) ~ A", "A.select($this) ~ A",
	}
	rapid.Check(t, func(t *rapid.T) {
		law := rapid.SampledFrom(laws).Draw(t, "law")
		a, b := rapid.SampledFrom(operands).Draw(t, "A"), rapid.SampledFrom(operands).Draw(t, "B")
		expression := strings.NewReplacer("A", "("+a+")", "B", "("+b+")").Replace(law)
		items, err := MustCompile(expression).Eval(focus, testEnv)
		if got := show(items); err == nil && got != "Boolean:true" && got != "" {
			t.Fatalf("%s: %s", expression, got)
		}
	})
}
