package subscriptions

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func storeOf(t *testing.T) store.Store { return storetest.SQLite(t, storetest.Options{}) }

var own = language{search.Base(), "https://tributary.example/fhir/R4", func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }}

func documentOf(t *testing.T, body string) *document {
	t.Helper()
	if body == "" {
		return nil
	}
	root, err := tree.Parse([]byte(body))
	ok(t, err)
	d := &document{Resource: store.Resource{Type: root.Get("resourceType").Text(), ID: root.Get("id").Text(), Updated: own.now()}, root: root}
	d.entries, err = own.registry.Extract(d.Type, d.ID, root, own.base)
	ok(t, err)
	return d
}

func TestMatches(t *testing.T) {
	d := documentOf(t, `{"resourceType":"Observation","id":"1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
		"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-02-03","valueString":"Ängste",
		"component":[{"code":{"coding":[{"code":"w"}]},"valueQuantity":{"value":72.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}]}`)
	for query, want := range map[string]bool{
		"": true, "_id=1": true, "_id=2": false, "status=final": true, "status=amended,final": true, "status:not=final": false, "status:not=amended": true,
		"code=8867-4": true, "code=http://loinc.org|8867-4": true, "code=http://loinc.org|": true, "code=8867-5": false,
		"patient=p1": true, "subject=Patient/p1": true, "patient=Patient/p2": false, "subject=https://tributary.example/fhir/R4/Patient/p1": true,
		"date=2026-02": true, "date=gt2026-02-03": false, "date=ge2026-02-03&status=final": true, "date=ge2026-02-03&status=amended": false,
		"value-string=angst": true, "value-string:exact=angst": false, "value-string:contains=ngst": true,
		"performer:missing=true": true, "code:missing=true": false, "_lastUpdated=2026-03-01": true, "_lastUpdated=lt2026": false,
		"component-value-quantity=72.5||kg": true, "component-value-quantity=gt72000|http://unitsofmeasure.org|g": true, "component-value-quantity=gt73||kg": false,
		"component-code-value-quantity=w$lt80": true, "component-code-value-quantity=v$lt80": false, "code-value-string=8867-4$angste": true,
		"_filter=status eq final and (value-string sw \"angst\" or code eq x)": true, "_filter=not (status eq final)": false,
	} {
		where, err := own.clauses("Observation", query)
		ok(t, err)
		if got := matches(where, d); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	for _, query := range []string{"patient.name=x", "_has:Provenance:target:agent=x", "_list=1", "code:text=x", "_content=x", "_filter=patient.name eq \"x\"", "_sort=date", "cod=1"} {
		if _, err := own.clauses("Observation", query); err == nil {
			t.Errorf("%s is watched", query)
		}
	}
}

// Every topic, by what happens to one resource: which steps of its life are events.
func TestTopics(t *testing.T) {
	topics, err := own.topics()
	ok(t, err)
	const (
		planned   = `{"resourceType":"Encounter","id":"1","status":"planned"}`
		started   = `{"resourceType":"Encounter","id":"1","status":"in-progress"}`
		finished  = `{"resourceType":"Encounter","id":"1","status":"finished"}`
		booked    = `{"resourceType":"Appointment","id":"1","status":"booked","start":"2026-02-03T08:00:00Z","participant":[{"actor":{"reference":"Patient/1"}}]}`
		moved     = `{"resourceType":"Appointment","id":"1","status":"booked","start":"2026-02-04T08:00:00Z","participant":[{"actor":{"reference":"Patient/1"}}]}`
		noted     = `{"resourceType":"Appointment","id":"1","status":"booked","start":"2026-02-03T08:00:00Z","comment":"x","participant":[{"actor":{"reference":"Patient/1"}}]}`
		cancelled = `{"resourceType":"Appointment","id":"1","status":"cancelled"}`
		answered  = `{"resourceType":"QuestionnaireResponse","id":"1","status":"completed"}`
		draft     = `{"resourceType":"QuestionnaireResponse","id":"1","status":"in-progress"}`
		given     = `{"resourceType":"Consent","id":"1","status":"active","provision":{"type":"permit"}}`
		revoked   = `{"resourceType":"Consent","id":"1","status":"inactive","provision":{"type":"permit"}}`
		labelled  = `{"resourceType":"Consent","id":"1","status":"active","language":"en","provision":{"type":"permit"}}`
		measured  = `{"resourceType":"Observation","id":"1","status":"final"}`
		expected  = `{"resourceType":"Observation","id":"1","status":"registered"}`
		document  = `{"resourceType":"DocumentReference","id":"1","status":"current"}`
	)
	for _, c := range []struct {
		before, after string
		events        []string
	}{
		{"", started, []string{"encounter-start"}}, {planned, started, []string{"encounter-start"}}, {started, started, nil},
		{started, finished, []string{"encounter-end"}}, {"", finished, []string{"encounter-end"}}, {finished, finished, nil}, {finished, "", nil},
		{"", booked, []string{"appointment-booked"}}, {booked, moved, []string{"appointment-changed"}}, {booked, noted, nil},
		{booked, cancelled, []string{"appointment-cancelled"}}, {booked, "", []string{"appointment-cancelled"}}, {cancelled, "", nil},
		{"", answered, []string{"survey-completed"}}, {draft, answered, []string{"survey-completed"}}, {"", draft, nil}, {answered, answered, nil},
		{"", given, []string{"consent-changed"}}, {given, revoked, []string{"consent-changed"}}, {given, labelled, nil}, {given, "", []string{"consent-changed"}},
		{"", measured, []string{"observation-final"}}, {"", expected, nil}, {expected, measured, []string{"observation-final"}},
		{"", document, []string{"document-available"}},
	} {
		ch := &change{previous: documentOf(t, c.before), current: documentOf(t, c.after), interaction: "update"}
		ch.typ = ch.subject().Type
		switch {
		case c.before == "":
			ch.interaction = "create"
		case c.after == "":
			ch.interaction = "delete"
		}
		want := append([]string{"patient-data-change"}, c.events...)
		var got []string
		for _, topic := range topics {
			if topic.fires(ch, own.now()) {
				got = append(got, topic.URL[len(topicBase):])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s -> %s: %v, want %v", c.before, c.after, got, want)
		}
	}
}

// Nothing is sent into the network of the service, whatever a name resolves to.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34:443": true, "[2606:2800:220:1::1]:443": true, "127.0.0.1:443": false, "[::1]:443": false, "10.1.2.3:443": false, "192.168.0.1:80": false,
		"172.16.0.1:443": false, "169.254.169.254:80": false, "[fe80::1]:443": false, "[fd00::1]:443": false, "0.0.0.0:80": false, "100.64.0.1:443": false,
		"[::ffff:127.0.0.1]:443": false, "[64:ff9b::7f00:1]:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false, "nowhere": false,
	} {
		if got := public(address, false) == nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if err := public("127.0.0.1:80", true); err != nil {
		t.Error(err)
	}
	if _, err := client(false).Get("http://127.0.0.1:1/"); err == nil {
		t.Error("a private address is connected to")
	}
	r := receive(t)
	r.answers(func(w http.ResponseWriter) {
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(http.StatusFound)
	})
	if answer, err := client(true).Get(r.URL); err != nil || answer.StatusCode != http.StatusFound {
		t.Errorf("a redirect is followed: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := own.now()
	for text, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for failed, least := range map[int]time.Duration{1: time.Second, 4: 8 * time.Second, 50: 10 * time.Minute} {
		if got := backoff(failed); got < least || got > least+least/4 {
			t.Errorf("after %d failures: %v", failed, got)
		}
	}
}
