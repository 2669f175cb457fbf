package sqlindex

import (
	"strings"
	"unicode/utf8"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// value is the condition that the row t of the parameter's table matches v.
func (b *builder) value(p *search.Param, v search.Value, t string) (string, error) {
	switch v := v.(type) {
	case search.TokenValue:
		return t + ".hash = " + b.arg(v.Hash), nil
	case tokenList:
		return t + ".hash IN " + b.argList(len(v.hashes), func(i int) any { return v.hashes[i] }), nil
	case search.ReferenceValue:
		return b.targets(t+".target", v), nil
	case search.StringValue:
		return b.stringRow(v, t), nil
	case search.URIValue:
		return b.uriRow(v, t), nil
	case search.DateValue:
		return b.interval(v.Prefix, t+".lo", t+".hi", v.Lo, v.Hi), nil
	case search.NumberValue:
		return b.number(v, t+".lo", t+".hi"), nil
	case search.QuantityValue:
		return b.quantity(v, t+".lo", t+".hi", t+".system", t+".code", t+".unit"), nil
	case search.CompositeValue:
		return b.composite(v, t)
	case search.NearValue:
		return b.near(v, t), nil
	}
	return "", mismatch(p.Code)
}

func mismatch(code string) error {
	return errs.New(errs.Invalid, "the value does not suit the search parameter %s", code)
}

// resourceValue is a condition on the resource row t itself.
func (b *builder) resourceValue(typ string, v search.Value, t string) (string, error) {
	switch v := v.(type) {
	case search.IDValue:
		types := []string{typ}
		if typ == "" {
			types = store.TypeNames()
		}
		keys := b.argList(len(types), func(i int) any { return int64(search.KeyOf(types[i], v.ID)) })
		return "(" + t + ".key IN " + keys + " AND " + t + ".id = " + b.arg(v.ID) + ")", nil
	case search.DateValue:
		return b.interval(v.Prefix, t+".updated", t+".updated", v.Lo, v.Hi), nil
	}
	return "", mismatch("_id or _lastUpdated")
}

func (b *builder) targets(column string, v search.ReferenceValue) string {
	if len(v.Targets) == 0 {
		return "1 = 0"
	}
	return column + " IN " + b.argList(len(v.Targets), func(i int) any { return v.Targets[i] })
}

// last sorts after every string that goes on from a prefix.
const last = "\U0010FFFF"

func (b *builder) prefixed(column, prefix string) string {
	return "(" + column + " >= " + b.arg(prefix) + " AND " + column + " < " + b.arg(prefix+last) + ")"
}

func (b *builder) stringRow(v search.StringValue, t string) string {
	switch v.Mode {
	case search.Exact:
		condition := t + ".exact = " + b.arg(search.Hash(v.Text))
		if v.Folded != "" { // finds the row by lookup
			condition += " AND " + t + ".folded = " + b.arg(v.Folded)
		}
		return "(" + condition + ")"
	case search.Contains:
		return b.dialect.Position + "(" + t + ".folded, " + b.arg(v.Folded) + ") > 0"
	case search.Whole:
		return t + ".folded = " + b.arg(v.Folded)
	case search.Ends:
		n := "length(" + b.arg(v.Folded) + ")"
		return "(length(" + t + ".folded) >= " + n + " AND substr(" + t + ".folded, length(" + t + ".folded) - " + n + " + 1) = " + b.arg(v.Folded) + ")"
	default:
		return b.prefixed(t+".folded", v.Folded)
	}
}

// URILength is how many bytes of a uri are kept beside the hash of the whole.
const URILength = 1000

// CutURI is the part of a uri that is kept: whole runes, at most URILength bytes.
func CutURI(uri string) string {
	if len(uri) <= URILength {
		return uri
	}
	cut := URILength
	for cut > 0 && !utf8.RuneStart(uri[cut]) {
		cut--
	}
	return uri[:cut]
}

func (b *builder) uriRow(v search.URIValue, t string) string {
	switch {
	case v.Mode == search.Below && len(v.Text) < URILength:
		under := strings.TrimRight(v.Text, "/") + "/"
		return "(" + b.uriIs(v.Text, t) + " OR " + b.prefixed(t+".value", under) + ")"
	case v.Mode == search.Above:
		alternatives := []string{}
		for _, over := range above(v.Text) {
			alternatives = append(alternatives, b.uriIs(over, t))
		}
		return "(" + strings.Join(alternatives, " OR ") + ")"
	}
	return b.uriIs(v.Text, t)
}

func (b *builder) uriIs(uri, t string) string {
	return "(" + t + ".value = " + b.arg(CutURI(uri)) + " AND " + t + ".hash = " + b.arg(search.Hash(uri)) + ")"
}

// above lists the uri and those over it, segment by segment down to the
// authority, each with and without its final slash.
func above(uri string) []string {
	out := []string{uri}
	_, path, found := strings.Cut(uri, "://")
	if !found {
		return out
	}
	root := len(uri) - len(path)
	for i := len(uri) - 1; i > root; i-- {
		if uri[i] != '/' {
			continue
		}
		if i+1 < len(uri) {
			out = append(out, uri[:i+1])
		}
		out = append(out, uri[:i])
	}
	return out
}
