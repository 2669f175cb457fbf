package match

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/tree"
)

func patient(t testing.TB, text string) features {
	t.Helper()
	root, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return featuresOf(root)
}

const ann = `{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7"}],"name":[{"family":"O'Neil","given":["Ann","Marie"]}],"birthDate":"1980-03-04",
	"gender":"female","telecom":[{"system":"phone","value":"+1 (555) 010-2233"}],"address":[{"line":["1 Elm St"],"city":"Troy","postalCode":"12180-1234"}]}`

func TestGrades(t *testing.T) {
	for _, c := range []struct {
		name, other string
		want        grade
	}{
		{"the same identifier and birth date", `{"identifier":[{"system":"urn:mrn","value":"7"}],"birthDate":"1980-03-04"}`, sure},
		{"the same identifier, another person by all else", `{"identifier":[{"system":"urn:mrn","value":"7"}],"name":[{"family":"Zhu","given":["Li"]}],"birthDate":"1950-01-01"}`, ""},
		{"name, birth date and telephone", `{"name":[{"family":"ONeil","given":["Ann"]}],"birthDate":"1980-03-04","telecom":[{"system":"phone","value":"555-010-2233"}]}`, sure},
		{"name and birth date", `{"name":[{"family":"O Neil","given":["Ann"]}],"birthDate":"1980-03-04"}`, probable},
		{"a slip in the name, the postcode", `{"name":[{"family":"Oneill","given":["Anne"]}],"birthDate":"1980-03-04","address":[{"postalCode":"12180"}]}`, sure},
		{"day and month swapped", `{"name":[{"family":"ONeil","given":["Ann"]}],"birthDate":"1980-04-03","address":[{"postalCode":"12180"}]}`, probable},
		{"married, moved", `{"name":[{"family":"Smith","given":["Ann"]}],"birthDate":"1980-03-04"}`, possible},
		{"a sister", `{"name":[{"family":"ONeil","given":["Eve"]}],"birthDate":"1982-11-23","address":[{"line":["1 Elm St"],"city":"Troy","postalCode":"12180"}]}`, ""},
		{"a twin brother", `{"name":[{"family":"ONeil","given":["Bob"]}],"birthDate":"1980-03-04","gender":"male"}`, ""},
		{"the same name alone", `{"name":[{"family":"ONeil","given":["Ann"]}]}`, possible},
		{"nothing in common", `{"name":[{"family":"Zhu","given":["Li"]}],"birthDate":"1950-01-01"}`, ""},
		{"nothing said", `{}`, ""},
	} {
		if got := compare(patient(t, ann), patient(t, c.other)); got.grade != c.want {
			t.Errorf("%s: %q at %.4f (%.1f bits), want %q", c.name, got.grade, got.score, got.bits, c.want)
		}
	}
}

func someone(t *rapid.T) features {
	var f features
	f.identifiers = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) identifier {
		return identifier{rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "system"), rapid.StringMatching(`[0-9]`).Draw(t, "value")}
	}), 0, 2).Draw(t, "identifiers")
	f.families = rapid.SliceOfN(rapid.StringMatching(`[a-c]{1,5}`), 0, 2).Draw(t, "families")
	f.givens = rapid.SliceOfN(rapid.SliceOfN(rapid.StringMatching(`[a-cé]{1,4}`), 1, 3), 0, 2).Draw(t, "givens")
	f.birth = rapid.StringMatching(`|19[0-9]{2}|1980-0[1-9]|198[01]-0[1-9]-0[1-9]`).Draw(t, "birth")
	f.gender = rapid.SampledFrom([]string{"", "male", "female", "other"}).Draw(t, "gender")
	f.phones = rapid.SliceOfN(rapid.StringMatching(`[0-9]{10}`), 0, 1).Draw(t, "phones")
	f.postcodes = rapid.SliceOfN(rapid.StringMatching(`1218[0-2]`), 0, 1).Draw(t, "postcodes")
	return f
}

// Who is compared with whom makes no difference, and a probability is one.
func TestComparingIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := someone(t), someone(t)
		x, y := compare(a, b), compare(b, a)
		if math.Abs(x.bits-y.bits) > 1e-9 || x.grade != y.grade {
			t.Fatalf("%+v and %+v", x, y)
		}
		if x.score < 0 || x.score > 1 {
			t.Fatalf("a probability of %f", x.score)
		}
	})
}

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"martha", "marhta", 0.9611}, {"dwayne", "duane", 0.84}, {"dixon", "dicksonx", 0.8133}, {"a", "b", 0}, {"", "a", 0}, {"ann", "ann", 1}} {
		if got := similarity(c.a, c.b); math.Abs(got-c.want) > 0.0001 {
			t.Errorf("%s, %s: %f, want %f", c.a, c.b, got, c.want)
		}
	}
}
