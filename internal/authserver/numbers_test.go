package authserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// numbered is how many requirements each section has that must or should hold; of
// sections 11 to 13 each is one.
var numbered = map[int]int{1: 9, 2: 9, 3: 5, 4: 7, 5: 7, 6: 12, 7: 4, 8: 2, 9: 12, 10: 4, 11: 0, 12: 0, 13: 0}

var (
	inTestName = regexp.MustCompile(`func TestChecklist_(\d+)_(\d+)_`)
	inSubtest  = regexp.MustCompile(`(?:\{|t\.Run\()"((?:\d+(?:\.\d+)?(?:, | and )?)+) `)
	aNumber    = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// Every requirement of the table in docs/security.md has a test named after its number.
func TestEveryNumberHasATest(t *testing.T) {
	var tested []string
	for _, pattern := range []string{"*_test.go", "../app/*_test.go", "../export/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range inTestName.FindAllStringSubmatch(string(source), -1) {
				tested = append(tested, m[1]+"."+m[2])
			}
			for _, m := range inSubtest.FindAllStringSubmatch(string(source), -1) {
				tested = append(tested, aNumber.FindAllString(m[1], -1)...)
			}
		}
	}
	for section, last := range numbered {
		if last == 0 && !slices.Contains(tested, fmt.Sprint(section)) {
			t.Errorf("no test is named after %d", section)
		}
		for n := 1; n <= last; n++ {
			if number := fmt.Sprintf("%d.%d", section, n); !slices.Contains(tested, number) {
				t.Errorf("no test is named after %s", number)
			}
		}
	}
}
