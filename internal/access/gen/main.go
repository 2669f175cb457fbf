// Command gen writes the policy into docs/access.md, between its marks.
package main

import (
	"log"
	"os"
	"strings"

	"tributary/internal/access"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("gen: name the file that has the marks")
	}
	page, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), access.DocumentBegins)
	_, after, ended := strings.Cut(rest, access.DocumentEnds)
	if !found || !ended {
		log.Fatalf("gen: %s lacks the marks %q and %q", os.Args[1], access.DocumentBegins, access.DocumentEnds)
	}
	page = []byte(before + access.DocumentBegins + "\n\n" + access.Document() + "\n" + access.DocumentEnds + after)
	if err := os.WriteFile(os.Args[1], page, 0o644); err != nil {
		log.Fatal(err)
	}
}
