package terminology_test

import (
	"testing"

	"tributary/fhir/path"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/terminology"
)

// The expressions of a patch know the codes that are stored here, as far as who patches
// reaches them.
func TestPatchesKnowCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		s.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"seen"},"component":[
			{"code":{"coding":[{"system":"http://example.org/animals","code":"poodle"}]},"valueString":"a"},
			{"code":{"coding":[{"system":"http://example.org/animals","code":"bird"}]},"valueString":"b"}]}`)
		replace := func(path string) string {
			return `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},
				{"name":"path","valueString":"` + path + `"},{"name":"value","valueString":"dog"}]}]}`
		}
		r := s.call("all", "PATCH /Observation/o", replace(`Observation.component.where(code.memberOf('http://example.org/vs/dogs')).value`)).is(200)
		if got := r.root().Get("component").Index(0).Get("valueString").Text() + r.root().Get("component").Index(1).Get("valueString").Text(); got != "dogb" {
			t.Errorf("%s: %s", got, r.body)
		}
		bundle := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PATCH","url":"Observation/o"},"resource":` +
			replace(`Observation.component.where(code.coding.subsumedBy(%context.component[1].code.coding)).value`) + `}]}`
		s.call("all", "POST /", bundle).is(200)
		s.call("all", "PATCH /Observation/o", replace(`Observation.component.where(code.memberOf('http://example.org/vs/unknown')).value`)).is(422)
		s.call("all", "PATCH /Observation/o", replace(`Observation.component.where(code.memberOf('http://example.org/vs/broken')).value`)).is(422)
	})
}

// What an operation refuses is no answer, and a loop comes to an end.
func TestAnswers(t *testing.T) {
	s := zoo(t, storetest.SQLite(t, storetest.Options{}))
	focus, err := tree.Parse([]byte(`{"resourceType":"Observation","code":{"coding":[{"system":"http://example.org/animals","code":"poodle"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	eval := func(expression string) (string, error) {
		answers := terminology.NewAnswers(t.Context(), s.records.Vocabulary(access.Actor{Role: access.Maintenance, ID: "x", Client: "x", Scopes: s.tokens["all"].Scopes}), s.now)
		items, err := path.MustCompile(expression).Eval(focus, &path.Env{Terminology: answers})
		text := ""
		for _, i := range items {
			text += i.String() + " "
		}
		return text, err
	}
	for expression, want := range map[string]string{
		"%terminologies.expand('http://example.org/vs/dogs').expansion.contains.code.count() > 1":                 "true ",
		"%terminologies.expand('http://example.org/vs/dogs', 'count=1').expansion.contains.code.count()":          "1 ",
		"%terminologies.validateVS('http://example.org/vs/dogs', code).parameter.where(name = 'result').value":    "true ",
		"%terminologies.lookup(code).parameter.where(name = 'display').exists()":                                  "true ",
		"%terminologies.validateCS('http://example.org/animals', 'stork').parameter.where(name = 'result').value": "false ",
		"%terminologies.subsumes('http://example.org/animals', 'dog', 'poodle')":                                  "subsumes ",
		"%terminologies.subsumes('http://example.org/animals', 'dog', 'unicorn')":                                 "",
		"%terminologies.expand('http://example.org/vs/none')":                                                     "",
		"%terminologies.expand('http://example.org/vs/closed')":                                                   "",
		"%terminologies.expand('http://example.org/vs/dogs', 'nonsense=1')":                                       "",
		"%terminologies.translate('http://example.org/map', 'dog')":                                               "",
		"code.memberOf('http://example.org/vs/dogs')":                                                             "true ",
	} {
		if got, err := eval(expression); got != want || err != nil {
			t.Errorf("%s: %q %v, want %q", expression, got, err, want)
		}
	}
	if _, err := eval("(1).repeat(iif($this < 200, $this + 1, {})).select(%terminologies.lookup(%context.code).parameter.first().name).count()"); err == nil {
		t.Error("nothing bounds how often it is asked")
	}
}
