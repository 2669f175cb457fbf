package conformance

import (
	"encoding/json"
	"math/big"
	"strings"
	"time"
)

func (d draws) prefix() string {
	return pick(d.Rand, "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
}

// date forms a date from an end of the value: as it is, one step beside it, and
// less exactly.
func (d draws) date(v value) string {
	s, ok := spans(v)
	if !ok {
		return ""
	}
	at := s.from
	if at.Equal(earliest) || d.IntN(2) == 0 && !s.to.Equal(latest) {
		at = s.to
	}
	at = at.Add(pick(d.Rand, 0, 0, -time.Microsecond, -time.Second, time.Second, -time.Minute, time.Hour, -24*time.Hour, 24*time.Hour)).UTC()
	if d.IntN(3) == 0 {
		at = at.In(time.FixedZone("", pick(d.Rand, -5, 2)*3600))
	}
	layout := pick(d.Rand, "2006", "2006-01", "2006-01-02", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000Z07:00")
	return d.prefix() + at.Format(layout)
}

// amount forms a number at or beside an end of the value, with more digits or
// fewer, and its unit or another.
func (d draws) amount(kind string, v value) string {
	a, ok := amounts(v)
	if !ok {
		return ""
	}
	n := pick(d.Rand, a.lo, a.hi)
	if n == nil {
		if n = a.lo; n == nil {
			n = a.hi
		}
	}
	if n == nil {
		return ""
	}
	number := d.prefix() + d.digits(n)
	if kind == "number" || d.IntN(2) == 0 {
		return number
	}
	system, code, unit := escaper.Replace(a.system), escaper.Replace(a.code), escaper.Replace(a.unit)
	var forms []string
	if code != "" {
		forms = append(forms, number+"||"+code, number+"|"+system+"|"+code, number+"|"+system+"|"+code+"x", number+"|urn:other|"+code)
	}
	if unit != "" {
		forms = append(forms, number+"||"+unit, number+"||"+unit+"x")
	}
	return pick(d.Rand, append(forms, number)...)
}

// digits writes a number, or the borders of what it stands for.
func (d draws) digits(n *big.Rat) string {
	written := json.Number(n.FloatString(8)).String()
	if strings.Contains(written, ".") {
		written = strings.TrimRight(strings.TrimRight(written, "0"), ".")
	}
	_, decimals, _ := strings.Cut(written, ".")
	exactly := len(decimals)
	step := new(big.Rat).Inv(new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exactly+1)), nil)))
	beside := func(steps int64) string {
		return new(big.Rat).Add(n, new(big.Rat).Mul(step, big.NewRat(steps, 1))).FloatString(exactly + 1)
	}
	return pick(d.Rand, written, written, n.FloatString(0), n.FloatString(exactly+1), beside(5), beside(-5), beside(1), beside(-1), written+"e0")
}
