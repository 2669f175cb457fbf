package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"tributary/config/program"
	"tributary/internal/readability"
)

// storyboard says what stands beside each paragraph: kind, module, paragraph.
type storyboard map[string]map[string][]scene

// scene is the picture of a paragraph, and the words of it that are marked.
type scene struct {
	Icon  string              `yaml:"icon"`
	Marks map[string][]string `yaml:"marks"` // by language
}

func readStoryboard(name string) (storyboard, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var s storyboard
	if err := yaml.Unmarshal(body, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// film is one module in one language, ready to be made.
type film struct {
	Kind, Language string
	Module         program.Module
	Number, Of     int // its place among the modules
	Scenes         []scene
}

// films lists every module of the texts in force, and what the storyboard lacks.
func films(study *program.Study, board storyboard) ([]film, error) {
	var out []film
	for _, c := range study.Consents {
		for _, lang := range study.Languages {
			d := c.Documents[len(c.Documents)-1]
			for _, other := range c.Documents {
				if other.Version == d.Version && other.Language == lang {
					d = other
				}
			}
			for n, m := range d.Told() {
				f := film{Kind: c.Kind, Language: d.Language, Module: m, Number: n + 1, Of: len(d.Told()), Scenes: board[c.Kind][m.ID]}
				if m.ID == program.KeyModule && f.Scenes == nil {
					continue // key information needs no film
				}
				if err := f.check(); err != nil {
					return nil, err
				}
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// check holds the storyboard against the text: a scene for each paragraph, and
// marks that are words of it.
func (f film) check() error {
	if len(f.Scenes) != len(f.Module.Text) {
		return fmt.Errorf("storyboard: %s has %d scenes for %d paragraphs", f.name(), len(f.Scenes), len(f.Module.Text))
	}
	for n, s := range f.Scenes {
		if !strings.Contains(icons, `id="`+s.Icon+`"`) {
			return fmt.Errorf("storyboard: %s: there is no icon %q", f.name(), s.Icon)
		}
		for _, mark := range s.Marks[f.Language] {
			if !strings.Contains(f.Module.Text[n], mark) {
				return fmt.Errorf("storyboard: %s: paragraph %d does not say %q", f.name(), n+1, mark)
			}
		}
	}
	return nil
}

func (f film) name() string { return program.VideoName(f.Kind, f.Language, f.Module.ID) }

// hash changes with all that a film is made of.
func (f film) hash() string {
	board, err := yaml.Marshal(f)
	if err != nil {
		panic("gen: a film is plain data: " + err.Error())
	}
	sum := sha256.Sum256([]byte(string(board) + page + icons + settings))
	return hex.EncodeToString(sum[:])
}

// slide is what is seen while one sentence is spoken. Paragraph -1 is the title.
type slide struct {
	Text      string // what is spoken
	Paragraph int
	HTML      string // the paragraph, its sentences up to this one
	Icon      string
}

// slides are the title and one slide a sentence.
func (f film) slides() []slide {
	out := []slide{{Text: f.Module.Title, Paragraph: -1}}
	for n, paragraph := range f.Module.Text {
		sentences := readability.Sentences(paragraph)
		for i, s := range sentences {
			out = append(out, slide{Text: s, Paragraph: n, HTML: f.paragraph(n, sentences, i), Icon: f.Scenes[n].Icon})
		}
	}
	return out
}

// paragraph is the HTML of a paragraph: what is still to come has its place and
// is not seen, what was said steps back.
func (f film) paragraph(n int, sentences []string, now int) string {
	var b strings.Builder
	for i, s := range sentences {
		class := []string{"said", "now", "next"}[1+min(1, max(-1, i-now))]
		fmt.Fprintf(&b, `<span class="%s">%s</span> `, class, f.marked(n, s))
	}
	return b.String()
}

func (f film) marked(n int, sentence string) string {
	out := html.EscapeString(sentence)
	for _, mark := range f.Scenes[n].Marks[f.Language] {
		mark = html.EscapeString(mark)
		out = strings.Replace(out, mark, "<mark>"+mark+"</mark>", 1)
	}
	return out
}
