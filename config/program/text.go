package program

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Text is what people read, by language (BCP 47). In YAML it is a plain string,
// which is English, or a map such as {en: Yes, es: Sí}.
type Text map[string]string

// english is the language that stands in where a text has no other.
const english = "en"

// English is a text in English alone.
func English(text string) Text { return Text{english: text} }

// In is the text in a language, in English where it has none.
func (t Text) In(lang string) string {
	if text, ok := t[lang]; ok {
		return text
	}
	return t[english]
}

// String is the text in English, for logs and for what has one language.
func (t Text) String() string { return t.In(english) }

// Languages are those that the text is written in, in alphabetical order.
func (t Text) Languages() []string { return slices.Sorted(maps.Keys(t)) }

// missing are the languages of the list in which the text says nothing.
func (t Text) missing(languages []string) []string {
	return slices.DeleteFunc(slices.Clone(languages), func(lang string) bool { return t[lang] != "" })
}

// UnmarshalYAML reads a plain string or a map.
func (t *Text) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = English(node.Value)
		return nil
	}
	var texts map[string]string
	if err := node.Decode(&texts); err != nil {
		return fmt.Errorf("line %d: a text is a string, or a map of language and string", node.Line)
	}
	*t = texts
	return nil
}
