package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// body is a resource as raw JSON: what the brute force looks at.
type body = map[string]any

// asking is a condition three times: as a parameter, as a _filter ("" where that
// cannot say it), and as what it means of a resource.
type asking struct {
	name, value, filter string
	holds               func(body) bool
}

var families = map[string]string{"Núñez": "nunez", "Nunn": "nunn", "Ünal": "unal", "unal": "unal", "de Nun": "de nun"}

// ward draws patients and observations with few values, so that queries meet them.
func ward(t *rapid.T) (patients, observations []body) {
	for i := range 8 {
		p := body{"resourceType": "Patient", "id": fmt.Sprint("p", i)}
		if g := rapid.SampledFrom([]string{"", "male", "female", "other"}).Draw(t, "gender"); g != "" {
			p["gender"] = g
		}
		if d := rapid.SampledFrom([]string{"", "1980", "1980-05", "1980-05-31", "1981-01-01"}).Draw(t, "birthDate"); d != "" {
			p["birthDate"] = d
		}
		if f := rapid.SampledFrom([]string{"", "Núñez", "Nunn", "Ünal", "unal", "de Nun"}).Draw(t, "family"); f != "" {
			p["name"] = []any{body{"family": f}}
		}
		patients = append(patients, p)
	}
	for i := range 16 {
		coding := body{"code": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "code")}
		if rapid.Bool().Draw(t, "with a system") {
			coding["system"] = "urn:s"
		}
		o := body{"resourceType": "Observation", "id": fmt.Sprint("o", i), "status": rapid.SampledFrom([]string{"final", "amended"}).Draw(t, "status"),
			"code": body{"coding": []any{coding}}, "subject": body{"reference": "Patient/p" + strconv.Itoa(rapid.IntRange(0, 7).Draw(t, "subject"))}}
		if v := rapid.SampledFrom([]string{"", "79.5", "80", "80.4", "80.5", "-3"}).Draw(t, "value"); v != "" {
			o["valueQuantity"] = body{"value": json.Number(v)}
		}
		observations = append(observations, o)
	}
	return patients, observations
}

func member(b body, name string) string { s, _ := b[name].(string); return s }

func family(b body) string {
	if names, ok := b["name"].([]any); ok {
		return names[0].(body)["family"].(string)
	}
	return ""
}

// days is what a date covers: from the first to before the last moment.
func days(date string) (from, to time.Time) {
	for layout, next := range map[string][3]int{"2006": {1, 0, 0}, "2006-01": {0, 1, 0}, "2006-01-02": {0, 0, 1}} {
		if at, err := time.Parse(layout, date); err == nil && len(layout) == len(date) {
			return at, at.AddDate(next[0], next[1], next[2])
		}
	}
	panic(date)
}

var dateMeans = map[string]func(from, to, a, b time.Time) bool{
	"eq": func(from, to, a, b time.Time) bool { return !from.Before(a) && !to.After(b) },
	"ne": func(from, to, a, b time.Time) bool { return from.Before(a) || to.After(b) },
	"gt": func(_, to, _, b time.Time) bool { return to.After(b) },
	"lt": func(from, _, a, _ time.Time) bool { return from.Before(a) },
	"ge": func(from, to, a, b time.Time) bool { return to.After(b) || !from.Before(a) && !to.After(b) },
	"le": func(from, to, a, b time.Time) bool { return from.Before(a) || !from.Before(a) && !to.After(b) },
	"sa": func(from, _, _, b time.Time) bool { return !from.Before(b) },
	"eb": func(_, to, a, _ time.Time) bool { return !to.After(a) },
}

var numberMeans = map[string]func(v, n float64) bool{
	"eq": func(v, n float64) bool { return v >= n-0.5 && v < n+0.5 }, "ne": func(v, n float64) bool { return v < n-0.5 || v >= n+0.5 },
	"gt": func(v, n float64) bool { return v > n }, "lt": func(v, n float64) bool { return v < n }, "ge": func(v, n float64) bool { return v >= n },
	"le": func(v, n float64) bool { return v <= n }, "sa": func(v, n float64) bool { return v > n }, "eb": func(v, n float64) bool { return v < n },
}

var orders = rapid.SampledFrom([]string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"})

func aboutPatient(t *rapid.T) asking {
	switch rapid.IntRange(0, 3).Draw(t, "about the patient") {
	case 0:
		some := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"male", "female", "other", "unknown"}), 1, 2, rapid.ID[string]).Draw(t, "genders")
		a := asking{"gender", strings.Join(some, ","), "(gender eq " + strings.Join(some, " or gender eq ") + ")", func(b body) bool { return slices.Contains(some, member(b, "gender")) }}
		if rapid.Bool().Draw(t, "not") {
			a.name, a.filter = "gender:not", "not "+a.filter
			a.holds = func(b body) bool { return !slices.Contains(some, member(b, "gender")) }
		}
		return a
	case 1:
		missing := rapid.Bool().Draw(t, "missing")
		return asking{"birthdate:missing", strconv.FormatBool(missing), "birthdate pr " + strconv.FormatBool(!missing), func(b body) bool { return (member(b, "birthDate") == "") == missing }}
	case 2:
		op, date := orders.Draw(t, "prefix"), rapid.SampledFrom([]string{"1980", "1980-05", "1980-05-31", "1980-06-01", "1981"}).Draw(t, "date")
		return asking{"birthdate", op + date, "birthdate " + op + " " + date, func(b body) bool {
			born := member(b, "birthDate")
			if born == "" {
				return false
			}
			from, to := days(born)
			x, y := days(date)
			return dateMeans[op](from, to, x, y)
		}}
	}
	return aboutFamily(t)
}

func aboutFamily(t *rapid.T) asking {
	word := rapid.SampledFrom([]string{"nun", "NUÑ", "Unal", "Ünal", "de", "n"}).Draw(t, "word")
	folded := map[string]string{"NUÑ": "nun", "Unal": "unal", "Ünal": "unal"}[word]
	if folded == "" {
		folded = word
	}
	switch rapid.SampledFrom([]string{"", ":contains", ":exact"}).Draw(t, "modifier") {
	case ":contains":
		return asking{"family:contains", word, `family co "` + word + `"`, func(b body) bool { return strings.Contains(families[family(b)], folded) }}
	case ":exact":
		return asking{"family:exact", word, "", func(b body) bool { return family(b) == word }}
	}
	return asking{"family", word, `family sw "` + word + `"`, func(b body) bool { return family(b) != "" && strings.HasPrefix(families[family(b)], folded) }}
}

func aboutObservation(t *rapid.T) asking {
	switch rapid.IntRange(0, 2).Draw(t, "about the observation") {
	case 0:
		status := rapid.SampledFrom([]string{"final", "amended", "http://hl7.org/fhir/observation-status|final"}).Draw(t, "status")
		return asking{"status", status, "status eq " + status, func(b body) bool { return strings.HasSuffix(status, member(b, "status")) }}
	case 1:
		system, code := rapid.SampledFrom([]string{"", "|", "urn:s|"}).Draw(t, "system"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "code")
		return asking{"code", system + code, "code eq " + system + code, func(b body) bool {
			c := b["code"].(body)["coding"].([]any)[0].(body)
			return member(c, "code") == code && (system == "" || system == member(c, "system")+"|")
		}}
	}
	op, n := orders.Draw(t, "prefix"), rapid.SampledFrom([]int{80, 81, -3}).Draw(t, "number")
	return asking{"value-quantity", op + strconv.Itoa(n), fmt.Sprintf("value-quantity %s %d", op, n), func(b body) bool {
		q, ok := b["valueQuantity"].(body)
		if !ok {
			return false
		}
		v, _ := q["value"].(json.Number).Float64()
		return numberMeans[op](v, float64(n))
	}}
}

// chained turns a condition on patients into one on observations, and the other way round.
func (a asking) chained(patients []body) asking {
	c := asking{name: "patient." + a.name, value: a.value, holds: func(o body) bool {
		return slices.ContainsFunc(patients, func(p body) bool {
			return o["subject"].(body)["reference"] == "Patient/"+member(p, "id") && a.holds(p)
		})
	}}
	if a.filter != "" && !strings.Contains(a.filter, "(") {
		c.filter = "patient." + a.filter
	}
	return c
}

func (a asking) reversed(observations []body) asking {
	return asking{name: "_has:Observation:patient:" + a.name, value: a.value, holds: func(p body) bool {
		return slices.ContainsFunc(observations, func(o body) bool {
			return o["subject"].(body)["reference"] == "Patient/"+member(p, "id") && a.holds(o)
		})
	}}
}

// Searches with prefixes, modifiers, alternatives, chains and _has, and the same
// said in a _filter, find what a look through the JSON finds.
func TestSearchesAgreeWithBruteForce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			patients, observations := ward(rt)
			s.stored(t, append(slices.Clone(patients), observations...))
			for range 12 {
				typ, all, asked := "Patient", patients, []asking{}
				if rapid.Bool().Draw(rt, "of observations") {
					typ, all = "Observation", observations
				}
				for range rapid.IntRange(1, 3).Draw(rt, "conditions") {
					through := rapid.IntRange(0, 2).Draw(rt, "through a reference") == 0
					switch own := (typ == "Patient") != through; {
					case own && through:
						asked = append(asked, aboutPatient(rt).chained(patients))
					case own:
						asked = append(asked, aboutPatient(rt))
					case through:
						asked = append(asked, aboutObservation(rt).reversed(observations))
					default:
						asked = append(asked, aboutObservation(rt))
					}
				}
				s.agree(t, rt, typ, all, asked)
			}
		})
	})
}

// stored sends resources as one transaction.
func (s *site) stored(t *testing.T, all []body) {
	t.Helper()
	var entries []body
	for _, b := range all {
		url := member(b, "resourceType") + "/" + member(b, "id")
		entries = append(entries, body{"resource": b, "request": body{"method": "PUT", "url": url}})
	}
	src, err := json.Marshal(body{"resourceType": "Bundle", "type": "transaction", "entry": entries})
	if err != nil {
		t.Fatal(err)
	}
	s.call(t, "POST /", string(src)).is(t, 200)
}

func (s *site) agree(t *testing.T, rt *rapid.T, typ string, all []body, asked []asking) {
	pairs := []search.Pair{{Name: "_count", Value: "5"}}
	var filters []string
	for _, a := range asked {
		pairs, filters = append(pairs, search.Pair{Name: a.name, Value: a.value}), append(filters, a.filter)
	}
	holds := func(b body, op string) bool {
		is := func(a asking) bool { return a.holds(b) }
		if op == "or" {
			return slices.ContainsFunc(asked, is)
		}
		return !slices.ContainsFunc(asked, func(a asking) bool { return !a.holds(b) })
	}
	s.finds(t, rt, typ, pairs, all, func(b body) bool { return holds(b, "and") })
	if slices.Contains(filters, "") {
		return
	}
	for _, op := range []string{"and", "or"} {
		text := strings.Join(filters, " "+op+" ")
		s.finds(t, rt, typ, []search.Pair{{Name: "_filter", Value: text}}, all, func(b body) bool { return holds(b, op) })
		s.finds(t, rt, typ, []search.Pair{{Name: "_filter", Value: "not (" + text + ")"}}, all, func(b body) bool { return !holds(b, op) })
	}
}

func (s *site) finds(t *testing.T, rt *rapid.T, typ string, pairs []search.Pair, all []body, holds func(body) bool) {
	var want []string
	for _, b := range all {
		if holds(b) {
			want = append(want, member(b, "id"))
		}
	}
	got := s.find(t, typ, pairs)
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		rt.Fatalf("%s?%v: %v, want %v", typ, pairs, got, want)
	}
}
