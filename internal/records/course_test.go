package records

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// somebodys are Observations of two people: dates of every precision, periods with open
// ends, none; codes with a coding in common, texts, errors.
func somebodys(t *testing.T, s *Service) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var all [][2]string
	for i := range 120 {
		all = append(all, [2]string{fmt.Sprintf("Observation/o%03d", i), strings.Join([]string{
			pick(`"status":"final"`, `"status":"final"`, `"status":"entered-in-error"`),
			pick(ofAda, ofAda, ofBob, ofBob+`,"performer":[{"reference":"Patient/ada"}]`),
			pick(`"code":{"coding":[{"system":"s","code":"a"},{"system":"s","code":"b"}]}`, `"code":{"coding":[{"system":"s","code":"b"}]}`, `"code":{"coding":[{"system":"s","code":"c"}]}`, `"code":{"text":"Ä"}`),
			pick(fmt.Sprintf(`"effectiveDateTime":"20%02d-0%d"`, 10+random.IntN(6), 1+random.IntN(9)), fmt.Sprintf(`"effectiveDateTime":"201%d-03-0%dT10:00:00Z"`, random.IntN(6), 1+random.IntN(9)),
				`"effectivePeriod":{"start":"2012"}`, `"effectivePeriod":{"end":"2011-07"}`, `"category":[{"text":"none"}]`),
		}, ",")})
	}
	kept(t, s, all)
}

// pageByPage are the ids that a query finds, with what drives it and without.
func pageByPage(t *testing.T, db store.Store, q search.Query) (ids []string) {
	t.Helper()
	var after *store.Cursor
	for range 200 {
		page, err := db.Search(t.Context(), q, after)
		if err != nil {
			t.Fatal(err)
		}
		if q.Total == search.TotalAccurate && len(ids) == 0 {
			ids = append(ids, fmt.Sprint(page.Total))
		}
		for _, r := range page.Resources {
			ids = append(ids, r.ID)
		}
		if after = page.Next; after == nil {
			return ids
		}
	}
	t.Fatal("it does not end")
	return nil
}

// What a course of care answers is what is found without it, in the same order, from
// either end, whatever else is asked.
func TestACourseAnswersTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		somebodys(t, s)
		for _, asked := range []string{"patient=ada", "patient=Patient/bob", "subject=Patient/ada&status=final", "patient=ada&status:not=entered-in-error&_total=accurate", "patient=ada&date=ge2012&date=lt2015-05",
			"patient=ada&date=2013", "patient=bob&date=sa2012-01", "patient=ada&date=ap2012", "patient=ada&date:missing=true", "patient=ada&code=s|b,s|c", "patient=ada&_id=o001,o002,o003,o004,o005", "patient=nobody"} {
			for _, sort := range []string{"-date", "date"} {
				pairs, err := Pairs(asked + "&_sort=" + sort)
				if err != nil {
					t.Fatal(err)
				}
				parsed, err := s.parse(t.Context(), db, ingest, Search{Type: "Observation", Query: pairs})
				if err != nil {
					t.Fatal(err)
				}
				for _, count := range []int{7, 200} {
					q := parsed.Query
					q.Count = count
					want := pageByPage(t, db, q)
					if q = s.inCourse(q); q.Course == nil {
						t.Fatalf("%s is in no course", asked)
					}
					if got := pageByPage(t, db, q); !slices.Equal(got, want) {
						t.Errorf("%s by %s, %d a page:\n%v, want\n%v", asked, sort, count, got, want)
					}
				}
			}
		}
	})
}

// Of each code come the newest, though the newest of all do not match.
func TestNewestOfACourse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		somebodys(t, s)
		for n := 1; n <= 9; n += 4 {
			for _, asked := range []string{"", "status:not=entered-in-error", "status=entered-in-error", "code=s|c", "date=ge2012"} {
				pairs, _ := Pairs(asked)
				query := Search{Type: "Observation", Query: append(pairs, search.Pair{Name: "patient", Value: "ada"})}
				parsed, err := s.parse(t.Context(), db, ingest, query)
				if err != nil {
					t.Fatal(err)
				}
				date, _ := s.registry.CareDate("Observation")
				parsed.Query.Sort, parsed.Query.Count = []search.Sort{{Param: date, Descending: true}}, 5
				var want, got []string
				groups := groups{of: map[string]int{}}
				for _, id := range pageByPage(t, db, parsed.Query) {
					r, err := db.Read(t.Context(), "Observation", id)
					if err != nil {
						t.Fatal(err)
					}
					if groups.count(treeOf(t, r).Get("code")) <= n {
						want = append(want, id)
					}
				}
				page, err := s.Newest(t.Context(), ingest, query, n)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Resources {
					got = append(got, r.ID)
				}
				if !slices.Equal(got, want) || len(want) == 0 {
					t.Errorf("%d of each, %q: %v, want %v", n, asked, got, want)
				}
			}
		}
	})
}

// What is not of one Patient, in another order, or while rows may be missing, is in no course.
func TestInNoCourse(t *testing.T) {
	live := search.Live()
	course := func(asked string) *search.Course {
		pairs, _ := Pairs(asked)
		parsed, err := live.ParseQuery("Observation", pairs, search.Options{DefaultCount: 5, MaxCount: 5})
		if err != nil {
			t.Fatal(err)
		}
		return live.Course(parsed.Query)
	}
	for _, asked := range []string{"patient=ada", "_sort=-date", "patient=ada&_sort=code", "patient=ada,bob&_sort=-date", "subject=Group/g&_sort=-date", "subject=ada&_sort=-date", "specimen=Specimen/s&_sort=-date",
		"patient=Patient/ada/_history/1&_sort=-date", "patient:missing=true&_sort=-date", "patient.name=x&_sort=-date", "patient=ada&_sort=-date,_id"} {
		if c := course(asked); c != nil {
			t.Errorf("%s is: %+v", asked, c)
		}
	}
	if c := course("patient=ada&_sort=-date"); c == nil || c.Patient != int64(search.KeyOf("Patient", "ada")) {
		t.Errorf("%+v", c)
	}
	live.Use(1, true, nil)
	if c := course("patient=ada&_sort=-date"); c != nil {
		t.Errorf("while the index is brought up to date: %+v", c)
	}
}

// Each database goes by the rows of the course, and reads no others in its order.
func TestCoursesAreExplained(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		somebodys(t, s)
		plan, err := s.Explain(t.Context(), ingest, Search{Type: "Observation", Query: []search.Pair{{Name: "patient", Value: "ada"}, {Name: "_sort", Value: "-date"}, {Name: "_count", Value: "10"}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Statements) != 1 || !strings.Contains(plan.Words[0], "course of care") || !strings.Contains(plan.Statements[0].SQL, "idx_course") || strings.Contains(plan.Statements[0].SQL, "idx_date") {
			t.Errorf("%+v", plan)
		}
	})
}

func treeOf(t *testing.T, r store.Resource) tree.Value {
	t.Helper()
	root, err := tree.Parse(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return root
}
