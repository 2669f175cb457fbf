package program_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tributary/internal/readability"
)

// What the other files of the study say to people (what a visit is like, why a
// step is not open, what a value means) is as easy as what it asks them to sign.
func TestTextsOfTheStudyAreEasy(t *testing.T) {
	names, err := filepath.Glob("*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if err := yaml.Unmarshal(body, &root); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts := map[string][]string{}
		gather(&root, texts)
		for lang, pieces := range texts {
			if err := readability.Check(lang, pieces...); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// sentence is what is told; a label is not.
var sentence = regexp.MustCompile(`[.!?]$`)

// gather collects the sentences of all maps {en: …, es: …}.
func gather(n *yaml.Node, texts map[string][]string) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			lang, text := n.Content[i].Value, n.Content[i+1]
			if (lang == "en" || lang == "es") && text.Kind == yaml.ScalarNode && sentence.MatchString(strings.TrimSpace(text.Value)) {
				texts[lang] = append(texts[lang], text.Value)
			}
		}
	}
	for _, child := range n.Content {
		gather(child, texts)
	}
}
