package tree

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const sample = `{"resourceType":"Patient","name":[{"given":["A\u00e9\n","B"],"_given":[null,{"id":"x"}]}],"n":6.50,"b":true}`

func parse(t *testing.T, src string) Value {
	t.Helper()
	v, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNavigation(t *testing.T) {
	v := parse(t, sample)
	given := v.Get("name").Index(0).Get("given")
	if got := given.Index(0).Text(); got != "Aé\n" {
		t.Errorf("text %q", got)
	}
	if got := given.Index(1).Expression(); got != "Patient.name[0].given[1]" {
		t.Errorf("expression %q", got)
	}
	if got := v.Get("n").Text(); got != "6.50" {
		t.Errorf("number %q", got)
	}
	if !v.Get("b").True() || v.Get("x").Exists() || v.At("x", "y").Text() != "" {
		t.Error("absent values")
	}
}

func TestApplyChangesOnlyItsSpans(t *testing.T) {
	v := parse(t, sample)
	got := string(Apply(v.Source(), []Edit{
		Replace(v.Get("n"), []byte("7")),
		Replace(v.Get("resourceType"), []byte(`"X"`)),
	}))
	want := strings.Replace(strings.Replace(sample, "6.50", "7", 1), `"Patient"`, `"X"`, 1)
	if got != want {
		t.Errorf("got %s", got)
	}
}

// FuzzParse holds Parse against encoding/json: the same documents are accepted
// (but for the depth limit), and every value has the same text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, `[1,-0.5e+3,""]`, `"\ud83d\ude00"`, `{"a":`, `01`, `"\x"`, "\"\xff\"", `{} {}`, strings.Repeat("[", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := Parse(src)
		var want any
		wantErr := json.Unmarshal(src, &want)
		if err != nil {
			reason := err.(*SyntaxError).Reason
			if wantErr == nil && !strings.Contains(reason, "UTF-8") && !strings.Contains(reason, "deeper") {
				t.Fatalf("refused %q: %v", src, err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("accepted %q: %v", src, wantErr)
		}
		if s, ok := want.(string); ok && s != v.Text() {
			t.Fatalf("text %q, want %q", v.Text(), s)
		}
	})
}

// A value apart is what parsing its bytes gives, to the last offset.
func TestApart(t *testing.T) {
	root, err := Parse([]byte(` {"a" : [1, {"b\u0061":"x\n", "":{}}, "é", [[], null]], "c":{"d":true,"e":{"f":-0.5}}, "g":"h"} `))
	if err != nil {
		t.Fatal(err)
	}
	root.Walk(func(v Value) bool {
		apart := v.Apart()
		parsed, err := Parse(v.Raw())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := drawn(apart), drawn(parsed); got != want {
			t.Errorf("%s: got\n%swant\n%s", v.Raw(), got, want)
		}
		return true
	})
	if (Value{}).Apart().Exists() {
		t.Error("nothing apart is there")
	}
}

// drawn has all that a document tells of each of its values.
func drawn(root Value) string {
	var b strings.Builder
	root.Walk(func(v Value) bool {
		start, end := v.Span()
		keyStart, keyEnd := v.KeySpan()
		up, _ := v.Parent().Span()
		fmt.Fprintln(&b, start, end, keyStart, keyEnd, up, v.Key(), v.Text(), v.Kind(), v.Len(), v.Expression(), string(v.Raw()))
		return true
	})
	return b.String()
}
