package mydata

import (
	"math/big"
	"strings"

	"tributary/config/program"
	"tributary/fhir/ucum"
)

// usual is the range that the study's protocol calls usual, for a quantity that it
// measures: what no meaning of it is said beyond.
func (g *group) usual(code string, unit *ucum.Unit) (b band, ok bool) {
	id, code, in := "", strings.TrimPrefix(code, loinc+"|"), ""
	for _, m := range g.study.Protocol.Measures {
		if m.Code == code {
			id, in = m.ID, m.Unit
		}
	}
	for _, d := range g.study.Protocol.Derived {
		if d.Code == code {
			id, in = d.ID, d.Unit
		}
	}
	from, err := ucum.Parse(in)
	if id == "" || err != nil {
		return b, false
	}
	for _, m := range g.study.Protocol.Meanings {
		for _, l := range m.Levels {
			for _, limit := range l.When {
				if limit.Measure == id {
					b.narrow(limit, from, unit)
				}
			}
		}
	}
	return b, b.low != nil || b.high != nil
}

// narrow takes what lies beyond a limit out of the band.
func (b *band) narrow(l program.Limit, from, to *ucum.Unit) {
	at := func(v *float64) *big.Rat {
		if v == nil {
			return nil
		}
		out, ok := ucum.Convert(new(big.Rat).SetFloat64(*v), from, to)
		if !ok {
			return nil
		}
		return out
	}
	if low := at(l.Below); low != nil && (b.low == nil || low.Cmp(b.low) > 0) {
		b.low = low
	}
	if high := at(l.Above); high != nil && (b.high == nil || high.Cmp(b.high) < 0) {
		b.high = high
	}
}

// named is what the study calls a quantity that its protocol measures.
func named(study *program.Study, code string) program.Text {
	p := &study.Protocol
	for _, m := range p.Measures {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	for _, m := range p.Panels {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	for _, m := range p.Derived {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	return nil
}
