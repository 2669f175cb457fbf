package main

import (
	"fmt"

	"tributary/config/program"
	"tributary/internal/readability"
)

// hints are no faults, and worth knowing before people see a program: parts of
// consents that are hard to read, and modules without a film of their words.
func hints(s *program.Study) (out []string) {
	for _, c := range s.Consents {
		for i := range c.Documents {
			d := &c.Documents[i]
			name := fmt.Sprintf("consents/%s/%s.%s", c.Kind, d.Version, d.Language)
			for _, part := range d.Parts() {
				if err := readability.Check(d.Language, part.Pieces...); err != nil {
					out = append(out, fmt.Sprintf("hint: %s: %s: %v", name, part.Name, err))
				}
			}
			for _, m := range d.Modules {
				if _, ok := s.Video(c.Kind, d.Language, m); !ok {
					out = append(out, fmt.Sprintf("hint: %s: module %s has no film that says its text", name, m.ID))
				}
			}
		}
	}
	return out
}
