// Package form carries what is wrong with a form back to whoever filled it in:
// all faults at once, each at its field, in words that say what to do.
//
// Neighbours: internal/account, internal/program and internal/consent return
// Faults; internal/portal shows them above the form and beside the fields.
package form

import "strings"

// Fault is one thing to mend.
type Fault struct {
	Field string // the name of the form field
	Text  string // what to do, in a sentence; holds nothing that was typed
}

// Faults are what is wrong with one form, in the order of its fields.
type Faults []Fault

// Add notes a fault.
func (f *Faults) Add(field, text string) { *f = append(*f, Fault{field, text}) }

// Unless notes a fault if ok does not hold.
func (f *Faults) Unless(ok bool, field, text string) {
	if !ok {
		f.Add(field, text)
	}
}

// At returns the first fault of a field, "" if it has none.
func (f Faults) At(field string) string {
	for _, fault := range f {
		if fault.Field == field {
			return fault.Text
		}
	}
	return ""
}

// Err is the faults as an error, nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Error names the fields and tells nothing of their content.
func (f Faults) Error() string {
	names := make([]string, len(f))
	for i, fault := range f {
		names[i] = fault.Field
	}
	return "form: " + strings.Join(names, ", ")
}
