package path

import "time"

// otherFunctions are navigation, the clock and reflection.
var otherFunctions = map[string]function{
	"children":    {0, 0, children, nil},
	"descendants": {0, 0, descendants, nil},
	"now":         {0, 0, clock(kindDateTime, toSecond), nil},
	"today":       {0, 0, clock(kindDate, toDay), nil},
	"timeOfDay":   {0, 0, clock(kindTime, toSecond), nil},
	"type":        {0, 0, typeOf, nil},
}

func children(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		out = i.children(out)
	}
	return out, nil
}

// descendants are the children, theirs, and so on, level by level.
func descendants(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	done := len(out)
	out, err := children(r, nil, in, nil, out)
	for ; err == nil && done < len(out); done++ {
		out = out[done].children(out)
		err = r.spend(1)
	}
	return out, err
}

// clock gives the injected moment.
func clock(kind temporalKind, prec precision) method {
	return func(r *run, _ *scope, _ []Item, _ []eval, out []Item) ([]Item, error) {
		now := r.env.Now
		if now.IsZero() {
			return out, fail("no time is known here")
		}
		return append(out, computed(temporalAt(now, kind, prec))), nil
	}
}

// temporalAt is a moment in its own zone.
func temporalAt(m time.Time, kind temporalKind, prec precision) temporal {
	_, east := m.Zone()
	t := temporal{kind: kind, prec: prec, zone: east / 60}
	if prec == toSecond {
		t.fraction = 3
	}
	t, _ = t.at(m.UTC().Truncate(time.Millisecond))
	if kind != kindDateTime {
		t.zone, t.nanos = 0, t.nanos*t.fraction/3
	}
	t.zoned = kind == kindDateTime
	return t
}

func typeOf(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		out = append(out, computed(i.describe()))
	}
	return out, nil
}
