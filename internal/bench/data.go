package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tributary/fhir/tree"
	"tributary/internal/synth"
)

// bundles are the transaction bundles of a run, in memory.
type bundles struct {
	source    string
	shared    [][]byte // organizations and practitioners, to be loaded first
	patients  [][]byte
	resources int // in patients
	bytes     int // of those resources
}

func loadBundles(o Options) (*bundles, error) {
	b := &bundles{source: "made up"}
	if o.Data == "" {
		b.makeUp(o)
	} else if err := b.readFolder(o.Data); err != nil {
		return nil, err
	}
	return b, b.count()
}

func (b *bundles) makeUp(o Options) {
	g := synth.New(synth.Options{Seed: o.Seed})
	for _, shared := range g.Infrastructure() {
		b.shared = append(b.shared, shared.JSON)
	}
	for i := range o.Patients {
		b.patients = append(b.patients, g.Patient(i).JSON)
	}
}

func (b *bundles) readFolder(dir string) error {
	b.source = "from a folder"
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		return errors.Join(fmt.Errorf("there are no bundles in %s", dir), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		into := &b.patients
		if strings.HasPrefix(filepath.Base(file), "0-") {
			into = &b.shared
		}
		*into = append(*into, raw)
	}
	return nil
}

func (b *bundles) count() error {
	return b.each(func(resource []byte) error {
		b.resources++
		b.bytes += len(resource)
		return nil
	})
}

// each hands out the resources of the patients, cut out of their bundles.
func (b *bundles) each(do func(resource []byte) error) error {
	for _, raw := range b.patients {
		root, err := tree.Parse(raw)
		if err != nil {
			return err
		}
		for entry := range root.Get("entry").Elements() {
			if err := do(entry.Get("resource").Raw()); err != nil {
				return err
			}
		}
	}
	return nil
}
