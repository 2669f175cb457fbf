package mydata

import (
	"strings"

	"tributary/fhir/tree"
)

func humanName(v tree.Value) string {
	if text := v.Get("text").Text(); text != "" {
		return text
	}
	var parts []string
	for _, name := range []string{"prefix", "given", "family", "suffix"} {
		for p := range v.Get(name).Elements() {
			parts = append(parts, p.Text())
		}
	}
	return strings.Join(parts, " ")
}

func address(v tree.Value) string {
	if text := v.Get("text").Text(); text != "" {
		return text
	}
	var parts []string
	for _, name := range []string{"line", "city", "district", "state", "postalCode", "country"} {
		for p := range v.Get(name).Elements() {
			parts = append(parts, p.Text())
		}
	}
	return strings.Join(parts, ", ")
}
