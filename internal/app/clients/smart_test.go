package clients

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opens is what the commands say that the browser is to open.
var opensLine = regexp.MustCompile(`(?m)^Open (http\S+)$`)

// TestSMARTDocument follows docs/smart.md on a fresh installation: its commands in
// bash as they stand, what it says of the browser in Chromium.
func TestSMARTDocument(t *testing.T) {
	all := blocks(t, filepath.Join("..", "..", "..", "docs", "smart.md"))
	w, dir := installation(t)
	p := w.join("Ida")
	screen, sh := p.chrome(), w.shell(dir)
	opened := ""
	for _, b := range all {
		var typed []string
		if regexp.MustCompile(`(?m)^read `).MatchString(b.commands) {
			if opened == "" {
				t.Fatalf("line %d asks for an address, and nothing was to be opened", b.line)
			}
			screen.opens(opened)
			typed = []string{screen.agrees()}
			opened = ""
		}
		if found := opensLine.FindStringSubmatch(sh.keeps(b, typed...)); found != nil {
			opened = strings.ReplaceAll(found[1], written, sh.address)
		}
	}
	if opened != "" {
		t.Errorf("what is opened comes to nothing: %s", opened)
	}
}
