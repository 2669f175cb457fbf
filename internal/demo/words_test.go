package demo_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// identifying collects the values of a resource that say who somebody is: names,
// address lines, postal codes, telecom, identifier values, and the relatives that
// extensions and contacts name, decoded attachments and narratives aside.
func identifying(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			switch key {
			case "name", "telecom", "address", "identifier", "contact":
				texts(child, into)
			case "valueAddress":
				texts(child, into)
			case "extension":
				extensions(child, into)
			default:
				identifying(child, into)
			}
		}
	case []any:
		for _, child := range v {
			identifying(child, into)
		}
	}
}

func extensions(v any, into map[string]bool) {
	list, _ := v.([]any)
	for _, e := range list {
		x, _ := e.(map[string]any)
		if url, _ := x["url"].(string); strings.HasSuffix(url, "mothersMaidenName") {
			texts(x["valueString"], into)
		}
		identifying(e, into)
	}
}

// fixed are members whose values are codes, and say nothing about a person.
var fixed = map[string]bool{"system": true, "use": true, "type": true, "state": true, "country": true, "period": true, "rank": true, "prefix": true, "suffix": true, "extension": true, "district": true, "city": true, "relationship": true, "gender": true, "assigner": true}

func texts(v any, into map[string]bool) {
	switch v := v.(type) {
	case string:
		into[v] = true
		for _, word := range words(v) {
			if distinctive(word) {
				into[word] = true
			}
		}
	case map[string]any:
		for key, child := range v {
			if !fixed[key] {
				texts(child, into)
			}
		}
	case []any:
		for _, child := range v {
			texts(child, into)
		}
	}
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// distinctive leaves out words that stand for themselves in any record: short
// ones, and what occurs in addresses and numbers of many (Street, Unit, 12).
func distinctive(word string) bool {
	if common[strings.ToLower(word)] || len(word) < 4 {
		return false
	}
	digits := strings.Count(word, "") - 1
	for _, r := range word {
		if !unicode.IsDigit(r) {
			digits--
		}
	}
	return digits < len(word) || len(word) >= 5
}

var common = map[string]bool{"street": true, "avenue": true, "road": true, "lane": true, "unit": true, "suite": true, "apartment": true,
	"http": true, "https": true, "example": true, "drive": true, "court": true, "place": true, "home": true, "mobile": true, "mail": true}

// found lists which forbidden values occur as whole words in the text of the
// NDJSON files, attachments decoded.
func found(t *testing.T, dir string, forbidden map[string]bool) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no NDJSON in %s: %v", dir, err)
	}
	hits := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			var v any
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, text := range strs(v) {
				if forbidden[text] {
					hits[text] = true
				}
				for _, w := range append(words(text), strings.Fields(text)...) {
					if forbidden[w] {
						hits[w] = true
					}
				}
			}
		}
	}
	var out []string
	for h := range hits {
		out = append(out, h)
	}
	return out
}

// strs are all strings of a JSON value, and what those of them that are base64
// decode to.
func strs(v any) (out []string) {
	switch v := v.(type) {
	case string:
		out = append(out, v)
		if raw, err := base64.StdEncoding.DecodeString(v); err == nil && len(v) > 16 {
			out = append(out, string(raw))
		}
	case float64:
	case map[string]any:
		for _, child := range v {
			out = append(out, strs(child)...)
		}
	case []any:
		for _, child := range v {
			out = append(out, strs(child)...)
		}
	}
	return out
}
