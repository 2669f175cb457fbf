// Package ucum is the Unified Code for Units of Measure (UCUM 2.1, case
// sensitive): the grammar of its codes, all of its units and prefixes, and exact
// conversion between units of one dimension.
//
// Parse reads a code into a Unit: a magnitude, exact as a fraction, of base
// units. Units of one dimension convert into each other; what they amount to in
// base units (Base) is the canonical form in which values compare. Units on a
// scale of their own, such as Cel, [degF], [pH] or B[SPL], convert through the
// functions that UCUM gives for them: those of temperature exactly, logarithms in
// floating point. They stand alone in a code, as UCUM's section 21 has it.
//
// Two readings are stricter than UCUM's text, because what it equates is not the
// same in medicine: a mole and an equivalent are dimensions of their own instead
// of numbers (2.5 mmol/L of calcium are 5 meq/L), and an arbitrary unit such as
// [iU] is comparable with itself, prefixed or in one and the same ratio (m[IU]/mL
// and [IU]/L), and with nothing else. Annotations in braces do not count.
//
// The table, units.txt, is generated. Units are immutable and safe for
// concurrent use; those of recent codes are kept, so that parsing a code again
// costs a look-up.
//
// Neighbours: fhir/path compares and converts quantities with it, fhir/search
// brings them to one unit.
package ucum

//go:generate go run ./gen -from $UCUM_DEFINITIONS

import (
	"fmt"
	"math/big"
	"strings"
	"sync"
)

// System is the URL of UCUM as a code system.
const System = "http://unitsofmeasure.org"

// maxCode bounds a code, maxKept how many parsed ones are kept, and
// maxMagnitude, in bits, what a unit may amount to.
const (
	maxCode      = 256
	maxKept      = 4096
	maxMagnitude = 8192
)

// Error says why a text is no UCUM code. Position is the byte offset of the
// fault; Reason quotes at most the unit that is not known and is safe to show.
type Error struct {
	Code     string
	Position int
	Reason   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%q is no UCUM code: %s (at %d)", e.Code, e.Reason, e.Position)
}

// Unit is a UCUM code that has been understood.
type Unit struct {
	code      string
	magnitude *big.Rat // base units in one of it; of a special unit, in one of what its scale measures
	dimension dimension
	scale     *scale   // of a special unit, else nil
	prefix    *big.Rat // of a special unit
}

// parsed is what Parse made of a code.
type parsed struct {
	unit *Unit
	err  error
}

// recent are the codes that were parsed lately; emptied when it is full, so that
// nobody who sends many codes can make it grow.
var recent struct {
	sync.RWMutex
	units map[string]parsed
}

// Parse reads a code. The error is an *Error.
func Parse(code string) (*Unit, error) {
	recent.RLock()
	known, ok := recent.units[code]
	recent.RUnlock()
	if !ok {
		known.unit, known.err = parse(strings.Clone(code))
		remember(known, code)
	}
	return known.unit, known.err
}

func remember(p parsed, code string) {
	recent.Lock()
	defer recent.Unlock()
	if recent.units == nil || len(recent.units) >= maxKept {
		recent.units = make(map[string]parsed, 256)
	}
	if len(code) <= maxCode {
		recent.units[strings.Clone(code)] = p
	}
}

// Valid tells whether a text is a UCUM code.
func Valid(code string) bool {
	_, err := Parse(code)
	return err == nil
}

// Code returns the code that was parsed.
func (u *Unit) Code() string { return u.code }

// String returns the code that was parsed.
func (u *Unit) String() string { return u.code }

// Canonical returns the dimension as a product of base units, which every unit
// of the dimension has in common: "g.m-3" for mg/dL, "1" for %.
func (u *Unit) Canonical() string { return u.dimension.String() }

// Special tells units on a scale of their own, such as Cel and [pH]: they are
// not multiples of their base unit.
func (u *Unit) Special() bool { return u.scale != nil }

// Exact tells whether values convert without rounding; logarithmic scales do not.
func (u *Unit) Exact() bool { return u.scale == nil || u.scale.exact }

// Convertible tells whether two units measure the same.
func (u *Unit) Convertible(v *Unit) bool { return u.dimension == v.dimension }
