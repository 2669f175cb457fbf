package program

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// readConsents reads every folder of consents/.
func readConsents(fsys fs.FS, s *Study) error {
	kinds, err := fs.Glob(fsys, "consents/*/kind.yaml")
	if err != nil {
		return err
	}
	var faults []error
	for _, name := range kinds {
		c := Consent{Kind: path.Base(path.Dir(name)), UntilResigned: Keep}
		faults = append(faults, readYAML(fsys, name, &c), readDocuments(fsys, &c))
		if c.UntilResigned == Keep && c.GraceDays == 0 {
			c.GraceDays = defaultGrace
		}
		s.Consents = append(s.Consents, c)
	}
	slices.SortStableFunc(s.Consents, func(a, b Consent) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Kind, b.Kind)) })
	return errors.Join(faults...)
}

// readDocuments reads the texts of a kind: <version>.<language>.yaml.
func readDocuments(fsys fs.FS, c *Consent) error {
	names, err := fs.Glob(fsys, path.Join("consents", c.Kind, "*.yaml"))
	if err != nil {
		return err
	}
	var faults []error
	for _, name := range names {
		if path.Base(name) == "kind.yaml" {
			continue
		}
		var d Document
		faults = append(faults, readYAML(fsys, name, &d))
		if want := d.Version + "." + d.Language + ".yaml"; path.Base(name) != want {
			faults = append(faults, fmt.Errorf("%s: its version and language say that it should be called %s", name, want))
		}
		c.Documents = append(c.Documents, d)
	}
	slices.SortStableFunc(c.Documents, func(a, b Document) int {
		return cmp.Or(compareVersions(a.Version, b.Version), strings.Compare(a.Language, b.Language))
	})
	return errors.Join(faults...)
}
