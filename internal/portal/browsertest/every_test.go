package browsertest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestMain asks, when all stories were told, whether they came by every page of the
// portal: of the rooms' templates each, and those that bring a script without it, too.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && told() {
		if missed := visited.missed(); len(missed) > 0 {
			fmt.Println("FAIL: no story comes by these pages:", strings.Join(missed, ", "))
			code = 1
		}
	}
	os.Exit(code)
}

// told reports whether every story ran, in a browser.
func told() bool {
	asked := func(name string) string { return flag.Lookup("test." + name).Value.String() }
	return os.Getenv("TRIBUTARY_TEST_CHROMIUM") != "" && asked("run") == "" && asked("skip") == "" && asked("list") == ""
}

// pages are those that were looked at.
type pages struct {
	mu       sync.Mutex
	looked   map[string]bool // by name
	scripted map[string]bool // that bring a script
	plain    map[string]bool // looked at without scripts
}

var visited = pages{looked: map[string]bool{}, scripted: map[string]bool{}, plain: map[string]bool{}}

// note keeps that a page was looked at.
func (p *pages) note(name string, script, runs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked[name] = true
	if script {
		p.scripted[name] = true
	}
	if !runs {
		p.plain[name] = true
	}
}

// missed are the pages that there are templates of and no look at.
func (p *pages) missed() []string {
	var missed []string
	for _, pattern := range []string{"../templates/*.html", "../*/templates/*.html"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			return []string{"no templates at " + pattern}
		}
		for _, path := range found {
			name := strings.TrimSuffix(filepath.Base(path), ".html")
			switch {
			case strings.HasPrefix(name, "_"): // a part of pages
			case !p.looked[name]:
				missed = append(missed, name)
			case p.scripted[name] && !p.plain[name]:
				missed = append(missed, name+" without scripts")
			}
		}
	}
	slices.Sort(missed)
	return missed
}
