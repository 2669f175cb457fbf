package tables_test

import (
	"context"
	"slices"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestCompartments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		patient, other := search.KeyOf("Patient", "p"), search.KeyOf("Patient", "q")
		const flags, visits, dates = 1, 2, 3
		put := func(typ, id string, param int32, who search.Key, from, to int64) store.Resource {
			w := store.Write{Resource: store.Resource{Type: typ, ID: id, Version: 1, Method: "POST", Body: []byte(`{}`)}}
			w.Add.References = []search.ReferenceEntry{{Param: param, Target: int64(who)}}
			if to != 0 {
				w.Add.Dates = []search.DateEntry{{Param: dates, Lo: from, Hi: to}}
			}
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				w.Updated = tx.Now()
				return tx.Put(ctx, []store.Write{w})
			})
			if err != nil {
				t.Fatal(err)
			}
			return w.Resource
		}
		put("Flag", "a", flags, patient, 0, 0)
		put("Flag", "b", flags, patient, 10, 20)
		put("Encounter", "c", visits, patient, 30, 40)
		put("Flag", "d", flags, other, 10, 20)
		last := put("Flag", "e", flags, patient, 0, 0)
		for _, tt := range []struct {
			name string
			ask  store.Compartment
			want []string
		}{
			{"all", store.Compartment{Params: []int32{flags, visits}, Limit: 10}, []string{"a", "b", "c", "e"}},
			{"one type", store.Compartment{Params: []int32{visits}, Limit: 10}, []string{"c"}},
			{"no type", store.Compartment{Limit: 10}, nil},
			{"since", store.Compartment{Params: []int32{flags, visits}, Since: store.Micros(last.Updated), Limit: 10}, []string{"e"}},
			{"care", store.Compartment{Params: []int32{flags, visits}, Care: true, Dates: []int32{dates}, From: 20, To: 29, Limit: 10}, []string{"a", "b", "e"}},
			{"after", store.Compartment{Params: []int32{flags, visits}, After: 1<<63 - 1, Begun: true, Limit: 10}, nil},
		} {
			tt.ask.Patient = patient
			found, err := tables.Compartments{}.List(t.Context(), s, tt.ask)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			var ids []string
			for i := range found {
				if i > 0 && found[i-1].Key() >= found[i].Key() {
					t.Errorf("%s: out of order", tt.name)
				}
				ids = append(ids, found[i].ID)
			}
			slices.Sort(ids)
			if !slices.Equal(ids, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, ids, tt.want)
			}
		}
		page, err := tables.Compartments{}.List(t.Context(), s, store.Compartment{Patient: patient, Params: []int32{flags, visits}, Limit: 3})
		if err != nil || len(page) != 3 {
			t.Fatal(page, err)
		}
		rest, err := tables.Compartments{}.List(t.Context(), s, store.Compartment{Patient: patient, Params: []int32{flags, visits}, After: page[2].Key(), Begun: true, Limit: 3})
		if err != nil || len(rest) != 1 {
			t.Fatal(rest, err)
		}
	})
}
