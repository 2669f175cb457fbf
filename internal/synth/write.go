package synth

import (
	"fmt"
	"os"
	"path/filepath"
)

// Write writes the infrastructure and the first n patients into the folder,
// which it creates: 0-organizations.json, 0-practitioners.json and one
// <patient id>.json each. It holds one patient at a time.
func Write(dir string, n int, o Options) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("synth: create folder: %w", err)
	}
	g := New(o)
	for _, b := range g.Infrastructure() {
		if err := b.write(dir); err != nil {
			return err
		}
	}
	for i := range n {
		if err := g.Patient(i).write(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b Bundle) write(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, b.Name+".json"), b.JSON, 0o644); err != nil {
		return fmt.Errorf("synth: write bundle: %w", err)
	}
	return nil
}
