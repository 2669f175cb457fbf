package ucum

import (
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

//go:embed units.txt
var units string

// atom is a unit of UCUM's table.
type atom struct {
	metric bool // takes prefixes
	unit   *Unit
}

// definition is a row of the table, not yet worked out.
type definition struct{ flags, value, of, function string }

// vocabulary are all units and prefixes. Definitions become atoms when they are
// first asked for, as most never are.
type vocabulary struct {
	prefixes    map[string]*big.Rat
	definitions map[string]definition
	sync.Mutex
	atoms map[string]*atom
}

var known = sync.OnceValue(func() *vocabulary { return load(units) })

func load(table string) *vocabulary {
	v := &vocabulary{prefixes: map[string]*big.Rat{}, definitions: map[string]definition{}, atoms: map[string]*atom{}}
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch fields[0] {
		case "p":
			v.prefixes[fields[1]] = number(fields[2])
		case "u":
			v.definitions[fields[1]] = definition{fields[2], fields[3], fields[4], fields[5]}
		}
	}
	return v
}

// number reads a decimal of the table.
func number(text string) *big.Rat {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("units.txt: " + text) // the table is generated and tested
	}
	return n
}

// atom finds a unit of the table by its code.
func (v *vocabulary) atom(code string) (*atom, bool) {
	d, ok := v.definitions[code]
	if !ok {
		return nil, false
	}
	v.Lock()
	a, ok := v.atoms[code]
	v.Unlock()
	if !ok { // without the lock: a definition asks for others
		a = &atom{strings.Contains(d.flags, "m"), d.unit(code)}
		v.Lock()
		v.atoms[code] = a
		v.Unlock()
	}
	return a, true
}

func (d definition) unit(code string) *Unit {
	u := &Unit{code: code, magnitude: number(d.value)}
	switch {
	case strings.Contains(d.flags, "b"):
		u.dimension = baseDimension(code)
	case strings.Contains(d.flags, "a") && d.of == "1":
		u.dimension = dimension{arbitrary: code}
	default:
		of, err := parse(d.of)
		if err != nil {
			panic("units.txt: " + err.Error())
		}
		u.dimension = of.dimension
		u.magnitude.Mul(u.magnitude, of.magnitude)
	}
	if d.function != "" {
		u.scale, u.prefix = scales[d.function], one
	}
	return u
}

var one = big.NewRat(1, 1)

// alike finds what somebody may have meant, with or without a prefix: in another
// case, or without the brackets.
func (v *vocabulary) alike(symbol string) string {
	if best := v.meant(symbol, false); best != "" {
		return best
	}
	for size := 1; size <= 2 && size < len(symbol); size++ {
		if _, ok := v.prefixes[symbol[:size]]; ok {
			if best := v.meant(symbol[size:], true); best != "" {
				return symbol[:size] + best
			}
		}
	}
	return ""
}

var withoutBrackets = strings.NewReplacer("[", "", "]", "")

// meant is the first of the units that are written alike.
func (v *vocabulary) meant(symbol string, prefixed bool) (best string) {
	symbol = withoutBrackets.Replace(symbol)
	for code, d := range v.definitions {
		alike := strings.EqualFold(withoutBrackets.Replace(code), symbol) && (!prefixed || strings.Contains(d.flags, "m"))
		if alike && (best == "" || code < best) {
			best = code
		}
	}
	return best
}
