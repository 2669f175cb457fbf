// Command gen writes the table of consequences into docs/consent.md, between its marks.
package main

import (
	"log"
	"os"
	"strings"

	"tributary/internal/consent"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("gen: name the file that has the marks")
	}
	page, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), consent.TableBegins)
	_, after, ended := strings.Cut(rest, consent.TableEnds)
	if !found || !ended {
		log.Fatalf("gen: %s lacks the marks %q and %q", os.Args[1], consent.TableBegins, consent.TableEnds)
	}
	page = []byte(before + consent.TableBegins + "\n\n" + consent.Table() + "\n" + consent.TableEnds + after)
	if err := os.WriteFile(os.Args[1], page, 0o644); err != nil {
		log.Fatal(err)
	}
}
