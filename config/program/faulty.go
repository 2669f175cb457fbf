package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// misread are the ways in which the YAML package says that a value does not fit, and
// how an author reads it.
var misread = []struct {
	said *regexp.Regexp
	told string
}{
	{regexp.MustCompile(`^line (\d+): field (\S+) not found in type .*$`), "line $1: there is no field $2 here"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ (`[^`]*`) into u?int\\d*$"), "line $1: $2 is no whole number"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ (`[^`]*`) into float\\d*$"), "line $1: $2 is no number"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ (`[^`]*`) into bool$"), "line $1: $2 is neither true nor false"},
	{regexp.MustCompile(`^line (\d+): cannot unmarshal !!(?:seq|map) into string$`), "line $1: this is to be one text"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ ?(`[^`]*`)? ?into \\[\\].*$"), "line $1: this is to be a list"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal !!\\w+ ?(`[^`]*`)? ?into .*$"), "line $1: this does not belong here $2"},
}

// told are the faults of a YAML file, each with its line.
func told(name string, err error) error {
	var misfits *yaml.TypeError
	if !errors.As(err, &misfits) {
		return fmt.Errorf("%s: %w", name, err)
	}
	var all []error
	for _, text := range misfits.Errors {
		for _, m := range misread {
			if m.said.MatchString(text) {
				text = m.said.ReplaceAllString(text, m.told)
				break
			}
		}
		all = append(all, misfit(name+": "+text))
	}
	return errors.Join(all...)
}

// misfit is a value that does not fit; all else of its file was read.
type misfit string

func (m misfit) Error() string { return string(m) }

// readable reports whether faults are misfits alone, so that the rest can be checked.
func readable(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			if !readable(one) {
				return false
			}
		}
		return true
	}
	_, fits := err.(misfit)
	return err == nil || fits
}

// inLine is a fault of a JSON file with the line on which it was found.
func inLine(name string, body []byte, err error) error {
	at := int64(-1)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &typ):
		at = typ.Offset
	}
	if at < 0 || at > int64(len(body)) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: line %d: %w", name, 1+bytes.Count(body[:at], []byte("\n")), err)
}
