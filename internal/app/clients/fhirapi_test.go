package clients

import (
	"path/filepath"
	"testing"
)

// TestFHIRAPIDocument runs the commands of docs/fhir-api.md on a fresh installation,
// in their order, and holds every answer to the one that the document shows.
func TestFHIRAPIDocument(t *testing.T) {
	all := blocks(t, filepath.Join("..", "..", "..", "docs", "fhir-api.md"))
	w, dir := installation(t)
	sh := w.shell(dir)
	for _, b := range all {
		sh.keeps(b)
	}
}
