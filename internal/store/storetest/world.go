package storetest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// The parameters that random resources have values of; one of each kind for
// each of two types, and the special ones.
var params = makeParams("Patient", "Observation")

type typeParams struct {
	id, updated                                     *search.Param
	token, reference, str, date, num, quantity, uri *search.Param
	composite, second, compositeToo                 *search.Param
	tokens, amounts, composites                     *search.Param // unions of those
}

func makeParams(types ...string) map[string]typeParams {
	out := map[string]typeParams{}
	for i, typ := range types {
		number := int32(1000 * (i + 1))
		param := func(code string, kind search.Kind) *search.Param {
			number++
			return &search.Param{Number: number, Type: typ, Code: code, Kind: kind}
		}
		p := typeParams{id: param(search.ID, search.Token), updated: param(search.LastUpdated, search.Date),
			token: param("token", search.Token), reference: param("reference", search.Reference),
			str: param("string", search.String), date: param("date", search.Date), num: param("number", search.Number),
			quantity: param("quantity", search.Quantity), uri: param("uri", search.URI)}
		p.composite = param("composite", search.Composite)
		p.composite.Components = []search.Component{{Param: p.token}, {Param: p.quantity}}
		p.second = param("second", search.Token)
		p.compositeToo = param("composite-too", search.Composite)
		p.tokens, p.amounts, p.composites = param("tokens", search.Token), param("amounts", search.Quantity), param("composites", search.Composite)
		p.tokens.Union = []*search.Param{p.token, p.second}
		p.amounts.Union = []*search.Param{p.quantity, p.num}
		p.composites.Union, p.composites.Components = []*search.Param{p.composite, p.compositeToo}, p.composite.Components
		out[typ] = p
	}
	return out
}

func (p typeParams) sortable() []*search.Param {
	return []*search.Param{p.id, p.updated, p.str, p.date, p.num, p.quantity, p.uri, p.amounts}
}

// stored is a resource with its entries, as the model of the store keeps it.
type stored struct {
	store.Resource
	entries search.Entries
}

// Small domains, so that random values meet.
var (
	hashes  = rapid.Int64Range(1, 3)
	micros  = rapid.Int64Range(0, 6)
	words   = rapid.SampledFrom([]string{"ann", "anna", "ben", "hannah", "özil", "a\U0010FFFFb", ""})
	amounts = rapid.SampledFrom([]float64{-2, -1, 0, 0.5, 1, 1.5, 2})
	uris    = rapid.SampledFrom([]string{"http://a.org", "http://a.org/", "http://a.org/fhir", "http://a.org/fhir/x",
		"http://a.org/fhirs", "urn:oid:1.2", "http://b.org/fhir/x/y"})
	types = rapid.SampledFrom([]string{"Patient", "Observation"})
)

// entriesOf draws index entries for a resource of the type.
func entriesOf(t *rapid.T, typ string) search.Entries {
	p := params[typ]
	var e search.Entries
	for range rapid.IntRange(0, 2).Draw(t, "values") {
		e.Tokens = append(e.Tokens, search.TokenEntry{Param: p.token.Number, Hash: hashes.Draw(t, "hash")})
		e.References = append(e.References, search.ReferenceEntry{Param: p.reference.Number, Target: target(t)})
		e.Tokens = append(e.Tokens, search.TokenEntry{Param: p.second.Number, Hash: hashes.Draw(t, "second hash")})
		word := words.Draw(t, "word")
		e.Strings = append(e.Strings, search.StringEntry{Param: p.str.Number, Folded: word, Exact: word + rapid.SampledFrom([]string{"", "!"}).Draw(t, "exact")})
		lo := micros.Draw(t, "lo")
		e.Dates = append(e.Dates, search.DateEntry{Param: p.date.Number, Lo: lo, Hi: lo + rapid.Int64Range(0, 3).Draw(t, "length")})
		e.URIs = append(e.URIs, search.URIEntry{Param: p.uri.Number, Value: uris.Draw(t, "uri")})
		e.Quantities = append(e.Quantities, quantity(t, p.quantity.Number), search.QuantityEntry{Param: p.num.Number, Lo: lo2f(lo), Hi: lo2f(lo)})
		e.Composites = append(e.Composites, composite(t, p.composite.Number), composite(t, p.compositeToo.Number))
	}
	if rapid.Bool().Draw(t, "open end") {
		e.Dates = append(e.Dates, search.DateEntry{Param: p.date.Number, Lo: search.MinTime, Hi: search.MaxTime})
		e.Quantities = append(e.Quantities, search.QuantityEntry{Param: p.quantity.Number, Lo: 1, Hi: math.MaxFloat64})
	}
	return e
}

func lo2f(n int64) float64 { return float64(n) / 2 }

func quantity(t *rapid.T, param int32) search.QuantityEntry {
	lo := amounts.Draw(t, "amount")
	return search.QuantityEntry{Param: param, Lo: lo, Hi: lo + rapid.SampledFrom([]float64{0, 0, 1}).Draw(t, "range"),
		System: systems.Draw(t, "system"), Code: rapid.Int64Range(0, 2).Draw(t, "code"), Unit: rapid.Int64Range(0, 2).Draw(t, "unit")}
}

// systems of quantities; one stands in another unit than it sorts by.
var systems = rapid.SampledFrom([]int64{0, 1, 2, search.SortScales()[0].System})

func composite(t *rapid.T, param int32) search.CompositeEntry {
	q := quantity(t, param)
	return search.CompositeEntry{Param: param, First: hashes.Draw(t, "first"),
		Second: search.Cell{Lo: q.Lo, Hi: q.Hi, A: q.System, B: q.Code, C: q.Unit}}
}

// target is the key of a resource that may or may not exist.
func target(t *rapid.T) int64 {
	return int64(search.KeyOf(types.Draw(t, "target type"), name(rapid.IntRange(0, 9).Draw(t, "target"))))
}

func name(n int) string { return fmt.Sprintf("r%d", n) }

// populate draws resources and writes them, some in two versions and some deleted.
func populate(t *rapid.T, tb testing.TB, s store.Store) []stored {
	var writes []*store.Write
	var all []stored
	for i := range rapid.IntRange(1, 12).Draw(t, "resources") {
		r := stored{Resource: store.Resource{Type: types.Draw(t, "type"), ID: name(i), Method: "PUT", Version: 1,
			Body: fmt.Appendf(nil, `{"id":"r%d"}`, i)}}
		r.entries = entriesOf(t, r.Type)
		writes = append(writes, &store.Write{Resource: r.Resource, Add: r.entries})
		switch rapid.IntRange(0, 4).Draw(t, "then") {
		case 0: // a second version with other values
			next := &store.Write{Resource: r.Resource, Previous: 1, Add: entriesOf(t, r.Type), Drop: r.entries}
			next.Version, r.entries = 2, next.Add
			writes = append(writes, next)
		case 1:
			gone := store.Resource{Type: r.Type, ID: r.ID, Version: 2, Method: "DELETE", Deleted: true}
			writes = append(writes, &store.Write{Resource: gone, Previous: 1, Drop: r.entries})
			continue
		}
		all = append(all, r)
	}
	stamps := write(tb, s, writes)
	for i := range all {
		all[i].Updated = stamps[all[i].Key()]
	}
	return all
}

// write writes in one transaction, one after the other, and returns when each
// resource was last updated.
func write(tb testing.TB, s store.Store, writes []*store.Write) map[search.Key]time.Time {
	tb.Helper()
	stamps := map[search.Key]time.Time{}
	err := s.Update(tb.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, w := range writes {
			w.Updated = tx.Now()
			stamps[w.Key()] = w.Updated
			if err := tx.Put(ctx, []store.Write{*w}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return stamps
}
