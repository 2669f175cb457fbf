package search_test

import (
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/search/searchtest"
	"tributary/fhir/tree"
)

// What a parameter's expression finds must be found by a query for it: nothing
// gets lost between the value, its rows and the reading of the query.
func TestEveryValueIsFoundByAQueryForIt(t *testing.T) {
	tried := map[search.Kind]int{}
	for _, r := range append(search.OfficialExamples(t), search.SyntheticPatients(t)...) {
		entries, err := search.Base().Extract(r.Type, r.ID, r.Root, ownBase)
		if err != nil {
			t.Errorf("%s: %v", r.File, err)
			continue
		}
		d := searchtest.Doc{Type: r.Type, ID: r.ID, Updated: now, Entries: entries}
		for _, p := range search.Base().Params(r.Type) {
			for _, place := range search.Places(p.Rows(), r.Root) {
				for _, value := range asked(p.Kind, place) {
					tried[p.Kind]++
					ask(t, r.File, d, p, value)
				}
			}
		}
	}
	for kind, least := range map[search.Kind]int{search.Token: 20000, search.Reference: 5000, search.String: 2000, search.Date: 2000, search.Number: 10, search.Quantity: 1000, search.URI: 1000} {
		if tried[kind] < least {
			t.Errorf("only %d values of kind %s", tried[kind], kind)
		}
	}
	t.Log(tried)
}

func ask(t *testing.T, file string, d searchtest.Doc, p *search.Param, value string) {
	t.Helper()
	if p.Alias != nil && len(p.Targets) == 1 && !strings.Contains(value, p.Targets[0]+"/") {
		return // patient is not asked for what subject says of a Group
	}
	parsed, err := search.Base().ParseQuery(d.Type, []search.Pair{{Name: p.Code, Value: value}}, options)
	if err != nil {
		t.Errorf("%s: %s.%s: %v", file, d.Type, p.Code, err)
		return
	}
	if !(searchtest.Set{}).Match(parsed.Query, d) {
		t.Errorf("%s: %s?%s=%s does not find it", file, d.Type, p.Code, value)
	}
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

// asked gives the queries that a value must be found by.
func asked(kind search.Kind, place search.Place) []string {
	switch kind {
	case search.Token:
		return tokensAsked(place)
	case search.Reference:
		text := place.Value.Text()
		if place.Type == "Reference" {
			text = place.Value.Get("reference").Text()
		}
		if strings.HasPrefix(text, "#") || strings.Contains(text, "?") || !strings.ContainsAny(text, ":/") {
			return nil
		}
		return plain(text)
	case search.String:
		return stringsAsked(place)
	case search.Date:
		if place.Type == "string" {
			return nil
		}
		if place.Value.Kind() == tree.Object {
			var all []string
			for _, bound := range []string{"start", "end"} {
				if text := place.Value.Get(bound).Text(); text != "" && place.Type == "Period" {
					all = append(all, map[string]string{"start": "ge", "end": "le"}[bound]+text)
				}
			}
			return all
		}
		return plain(place.Value.Text())
	case search.Number:
		return plain(place.Value.Text())
	case search.Quantity:
		return quantitiesAsked(place)
	case search.URI:
		return plain(place.Value.Text())
	}
	return nil
}

func plain(text string) []string {
	if text == "" {
		return nil
	}
	return []string{escaper.Replace(text)}
}

func tokensAsked(place search.Place) []string {
	codings := []tree.Value{place.Value}
	code := "code"
	switch place.Type {
	case "CodeableConcept":
		codings = nil
		for c := range place.Value.Get("coding").Elements() {
			codings = append(codings, c)
		}
	case "Identifier", "ContactPoint":
		code = "value"
	case "Coding":
	default:
		return plain(place.Value.Text())
	}
	var all []string
	for _, c := range codings {
		system, value := escaper.Replace(c.Get("system").Text()), escaper.Replace(c.Get(code).Text())
		if value == "" {
			continue
		}
		all = append(all, value, system+"|"+value)
		if system != "" && place.Type != "ContactPoint" {
			all = append(all, system+"|")
		}
	}
	return all
}

func stringsAsked(place search.Place) []string {
	var all []string
	place.Value.Walk(func(v tree.Value) bool {
		key := v.Key()
		if key == "" {
			key = v.Parent().Key()
		}
		if key == "period" || key == "extension" || key == "use" || key == "type" || key == "id" || strings.HasPrefix(key, "_") {
			return false
		}
		if v.Kind() == tree.String && search.Fold(v.Text()) != "" {
			all = append(all, plain(v.Text())...)
		}
		return true
	})
	if place.Type == "CodeableConcept" || place.Type == "Extension" {
		return nil
	}
	return all
}

func quantitiesAsked(place search.Place) []string {
	v := place.Value
	number := v.Get("value").Text()
	if number == "" || v.Get("comparator").Exists() || place.Type == "SampledData" {
		return nil
	}
	code := v.Get("code")
	if place.Type == "Money" {
		code = v.Get("currency")
	}
	all := []string{number, "ge" + number}
	if code.Exists() {
		all = append(all, number+"||"+escaper.Replace(code.Text()))
	}
	if system := v.Get("system").Text(); system != "" && code.Exists() {
		all = append(all, number+"|"+escaper.Replace(system)+"|"+escaper.Replace(code.Text()))
	}
	return all
}
