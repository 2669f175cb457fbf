package access

import (
	"context"
	"fmt"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
)

// world is who consents, and who is on which Group.
type world struct {
	people  map[string]Permissions
	members map[string][]string
	here    map[string][]string // who is checked in at a site
	acts    map[string]string   // by delegate and patient: the scopes of the permission
	named   map[string][]string // Groups that a researcher is approved for
}

func (w world) CheckedIn(_ context.Context, site string) ([]string, error) { return w.here[site], nil }

func (w world) Delegated(_ context.Context, delegate, patient string) (Scopes, error) {
	return ParseScopes(w.acts[delegate+" "+patient])
}

func (w world) Approved(_ context.Context, id string) ([]string, error) { return w.named[id], nil }

func (w world) Permissions(_ context.Context, id string) (Permissions, error) {
	return w.people[id], nil
}

func (w world) Members(_ context.Context, id string) ([]string, error) { return w.members[id], nil }

func (w world) Withdrawn(context.Context) (ids []string, err error) {
	for id, p := range w.people {
		if p.Withdrawn {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func policyOf(w world) *Policy {
	return &Policy{Consents: w, Groups: w, Visits: w, Delegations: w, Approvals: w, Registry: search.Base()}
}

func parse(t *testing.T, text string) Scopes {
	t.Helper()
	s, err := ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// entries indexes a resource.
func entries(t *testing.T, typ, body string) search.Entries {
	t.Helper()
	root, err := tree.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	e, err := search.Base().Extract(typ, root.Get("id").Text(), root, "http://localhost/fhir/R4")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// resources, by whose they are.
var (
	own = map[string]string{
		"Patient":     `{"resourceType":"Patient","id":"p1"}`,
		"Observation": `{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/p1"},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}]}`,
		"Provenance":  `{"resourceType":"Provenance","id":"v1","target":[{"reference":"Patient/p1"}]}`,
	}
	others = map[string]string{
		"Patient":     `{"resourceType":"Patient","id":"p2","link":[{"other":{"reference":"Patient/p1"},"type":"seealso"}]}`,
		"Observation": `{"resourceType":"Observation","id":"o2","subject":{"reference":"Patient/p2"}}`,
		"Provenance":  `{"resourceType":"Provenance","id":"v2","target":[{"reference":"Observation/o2"}]}`,
	}
	ids = map[string][2]string{"Patient": {"p1", "p2"}, "Observation": {"o1", "o2"}, "Provenance": {"v1", "v2"}}
)

// checks tells whether the actor reaches p1's and p2's resource of a type.
func checks(t *testing.T, p *Policy, a Actor, typ string) (first, second bool) {
	t.Helper()
	d, err := p.Decide(t.Context(), a, Request{Read, typ, ""})
	if err != nil {
		return false, false
	}
	at := func(i int, body string) bool {
		err := d.Check(ids[typ][i], entries(t, typ, body))
		if err != nil && !errs.Is(err, errs.NotFound) {
			t.Errorf("a refused read is %v: it must not tell that there is one", err)
		}
		return err == nil
	}
	return at(0, own[typ]), at(1, others[typ])
}

func TestCompartmentAndConsent(t *testing.T) {
	anna := Actor{Role: Participant, ID: "a", Patient: "p1", Unscoped: true}
	app := Actor{Role: Participant, ID: "a", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.rs")}
	hospital := Actor{Role: EHR, Client: "h", Groups: []string{"g1"}, Scopes: parse(t, "system/*.cruds")}
	launched := hospital
	launched.Patient, launched.Scopes = "p2", parse(t, "patient/*.rs")
	center := Actor{Role: CenterStaff, ID: "c", Site: "s1", Unscoped: true}
	opened := func(about string) Actor {
		return Actor{Role: CenterStaff, ID: "c", Client: "app", Site: "s1", Patient: about, Scopes: parse(t, "user/*.cruds patient/*.cruds")}
	}
	staff := Actor{Role: StudyStaff, ID: "s", Unscoped: true}
	proxy := Actor{Role: Delegate, ID: "eve", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.rs")}
	here := map[string][]string{"s1": {"p1", "p2"}, "s2": {"p2"}}
	repair := Actor{Role: Maintenance, Client: "m", Scopes: parse(t, "system/*.rs")}
	sharing := map[string]Permissions{"p1": {EHR: true}, "p2": {EHR: true}}
	withdrawn := map[string]Permissions{"p1": {Withdrawn: true}, "p2": {EHR: true}}
	both := map[string][]string{"g1": {"p1", "p2"}}
	for name, c := range map[string]struct {
		actor         Actor
		world         world
		first, second bool
	}{
		"participant":                {anna, world{}, true, false},
		"participant's app":          {app, world{}, true, false},
		"participant, withdrawn":     {anna, world{people: withdrawn}, true, false},
		"participant without one":    {Actor{Role: Participant, ID: "x", Unscoped: true}, world{}, false, false},
		"ehr, both share":            {hospital, world{people: sharing, members: both}, true, true},
		"ehr, one is on the group":   {hospital, world{people: sharing, members: map[string][]string{"g1": {"p1"}, "g2": {"p2"}}}, true, false},
		"ehr, one has withdrawn":     {hospital, world{people: withdrawn, members: both}, false, true},
		"ehr, none shares":           {hospital, world{members: both}, false, false},
		"ehr, launched on a patient": {launched, world{people: sharing, members: map[string][]string{"g1": {"p1"}}}, false, false},
		"study":                      {staff, world{people: sharing}, true, true},
		"study, one has withdrawn":   {staff, world{people: withdrawn}, false, true},
		"center":                     {center, world{people: sharing, here: here}, true, true},
		"center, at another site":    {center, world{people: sharing, here: map[string][]string{"s2": {"p1"}}}, false, false},
		"center, one is checked in":  {center, world{people: sharing, here: map[string][]string{"s1": {"p1"}}}, true, false},
		"center's app":               {opened("p2"), world{people: sharing, here: here}, false, true},
		"center's app, who has gone": {opened("p1"), world{people: sharing, here: map[string][]string{"s1": {"p2"}}}, false, false},
		"center's app about nobody":  {opened(""), world{people: sharing, here: here}, false, false},
		"delegate":                   {proxy, world{acts: map[string]string{"eve p1": "patient/*.rs", "eve p2": "patient/*.rs"}}, true, false},
		"delegate of another":        {proxy, world{acts: map[string]string{"eve p2": "patient/*.rs", "ada p1": "patient/*.rs"}}, false, false},
		"center, one has withdrawn":  {center, world{people: withdrawn, here: here}, false, true},
		"maintenance":                {repair, world{people: withdrawn}, true, true},
		"export job":                 {Job("export", ""), world{people: withdrawn}, true, true},
	} {
		for _, typ := range []string{"Patient", "Observation"} {
			first, second := checks(t, policyOf(c.world), c.actor, typ)
			if first != c.first || second != c.second {
				t.Errorf("%s: %s: own %v, other's %v; want %v, %v", name, typ, first, second, c.first, c.second)
			}
		}
	}
	if first, second := checks(t, policyOf(world{}), anna, "Provenance"); !first || second {
		t.Errorf("Provenance: own %v, other's %v", first, second)
	}
}

func TestWritesStayWithinReach(t *testing.T) {
	p := policyOf(world{})
	anna := Actor{Role: Participant, ID: "a", Patient: "p1", Unscoped: true}
	d, err := p.Decide(t.Context(), anna, Request{Create, "QuestionnaireResponse", ""})
	if err != nil {
		t.Fatal(err)
	}
	for body, allowed := range map[string]bool{
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"Patient/p1"}}`:                                     true,
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"Patient/p2"}}`:                                     false,
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"Patient/p1"},"author":{"reference":"Patient/p2"}}`: false,
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"http://localhost/fhir/R4/Patient/p1"}}`:            true,
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"http://elsewhere.example/Patient/p1"}}`:            false,
		`{"resourceType":"QuestionnaireResponse","status":"completed"}`:                                                     false,
	} {
		if err := d.CheckWrite("q", entries(t, "QuestionnaireResponse", body)); allowed != (err == nil) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestNothingIsWrittenAboutTheWithdrawn(t *testing.T) {
	p := policyOf(world{people: map[string]Permissions{"p1": {Withdrawn: true}, "p2": {EHR: true}}, members: map[string][]string{"g": {"p1", "p2"}}, here: map[string][]string{"s": {"p1", "p2"}}})
	for name, c := range map[string]struct {
		actor   Actor
		typ     string
		allowed bool
	}{
		"participant": {Actor{Role: Participant, ID: "a", Patient: "p1", Unscoped: true}, "QuestionnaireResponse", false},
		"center":      {Actor{Role: CenterStaff, ID: "c", Site: "s", Unscoped: true}, "Observation", false},
		"ingest":      {Job("ingest", ""), "Observation", false},
		"program":     {Job("program", ""), "Appointment", false},
		"ehr":         {Actor{Role: EHR, Client: "h", Groups: []string{"g"}, Scopes: parse(t, "system/*.cruds")}, "Observation", false},
		"consent":     {Job("consent", ""), "Consent", true},
		"impostor":    {Actor{Role: CenterStaff, ID: "consent", Site: "s", Unscoped: true}, "Observation", false},
		"maintenance": {Actor{Role: Maintenance, Client: "m", Scopes: parse(t, "system/*.cruds")}, "Observation", true},
	} {
		d, err := p.Decide(t.Context(), c.actor, Request{Update, c.typ, "1"})
		if err != nil {
			t.Fatal(name, err)
		}
		if err := d.Consented(t.Context(), []string{"p1"}); c.allowed != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err := d.Consented(t.Context(), []string{"p2"}); err != nil {
			t.Errorf("%s, of another: %v", name, err)
		}
	}
}

func TestGranularScopes(t *testing.T) {
	const category = "http://terminology.hl7.org/CodeSystem/observation-category|"
	p := policyOf(world{})
	for scope, c := range map[string]struct{ decided, reached bool }{
		"patient/Observation.rs?category=" + category + "laboratory":                                                             {true, true},
		"patient/Observation.rs?category=" + category + "vital-signs":                                                            {true, false},
		"patient/Observation.rs?category=" + category + "vital-signs patient/Observation.rs?category=" + category + "laboratory": {true, true},
		"patient/Observation.rs?category=" + category + "vital-signs patient/Observation.rs":                                     {true, true},
		"patient/Observation.rs?category=vital-signs patient/*.rs":                                                               {true, true},
		"patient/Observation.rs?category=laboratory&status=final":                                                                {true, false},
		"patient/Observation.rs?category=laboratory patient/Observation.rs?status=final":                                         {true, true},
		"patient/Observation.rs?category=vital-signs patient/Observation.rs?status=final":                                        {true, false},
		"patient/Observation.rs?category=laboratory&status=final patient/Observation.rs?subject=Patient/p1":                      {true, true},
		"patient/Observation.rs?category=vital-signs patient/Observation.rs?date=gt1000":                                         {true, false}, // a date is not evaluated
		"patient/Observation.rs?_filter=category%20eq%20laboratory%20or%20status%20eq%20final":                                   {true, true},
		"patient/Observation.rs?_filter=not%20(category%20eq%20laboratory%20and%20subject%20eq%20Patient/p1)":                    {true, false},
		"patient/Observation.rs?_filter=not%20(status%20eq%20final%20or%20category%20eq%20vital-signs)":                          {true, true},
		"patient/Observation.rs?_filter=not%20(date%20gt%201000)":                                                                {true, false},
		"patient/Observation.rs?_filter=not%20(status%20eq%20final%20and%20date%20gt%201000)":                                    {true, true},
		"patient/Observation.rs?_count=5":                                                                                        {false, false},
		"patient/Observation.rs?nonsense=5":                                                                                      {false, false},
	} {
		a := Actor{Role: Participant, ID: "a", Client: "app", Patient: "p1", Scopes: parse(t, scope)}
		d, err := p.Decide(t.Context(), a, Request{Read, "Observation", "o1"})
		if c.decided != (err == nil) {
			t.Errorf("%s: %v", scope, err)
		}
		if err == nil && c.reached != (d.Check("o1", entries(t, "Observation", own["Observation"])) == nil) {
			t.Errorf("%s: reached %v", scope, !c.reached)
		}
	}
}

func TestWhatTheStudyRecordedIsNotReplaced(t *testing.T) {
	p := policyOf(world{people: map[string]Permissions{"p1": {EHR: true}}, members: map[string][]string{"g": {"p1"}}, here: map[string][]string{"s": {"p1"}}})
	const plain = `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p1"}}`
	const labelled = `{"resourceType":"Observation","id":"o","meta":{"tag":[{"system":"` + OriginSystem + `","code":"measurement"}]},"subject":{"reference":"Patient/p1"}}`
	for name, c := range map[string]struct {
		actor       Actor
		interaction Interaction
		allowed     bool
	}{
		"ehr replaces":  {Actor{Role: EHR, Client: "h", Groups: []string{"g"}, Scopes: parse(t, "system/*.cruds")}, Update, false},
		"ehr reads":     {Actor{Role: EHR, Client: "h", Groups: []string{"g"}, Scopes: parse(t, "system/*.cruds")}, Read, true},
		"staff":         {Actor{Role: CenterStaff, ID: "c", Site: "s", Unscoped: true}, Update, true},
		"our own job":   {Job("program", ""), Update, true},
		"maintenance":   {Actor{Role: Maintenance, Client: "m", Scopes: parse(t, "system/*.cruds")}, Update, true},
		"person's read": {Actor{Role: Participant, ID: "a", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.rs")}, Read, true},
	} {
		d, err := p.Decide(t.Context(), c.actor, Request{c.interaction, "Observation", "o"})
		if err != nil {
			t.Fatal(name, err)
		}
		if err := d.Check("o", entries(t, "Observation", plain)); err != nil {
			t.Errorf("%s, without a label: %v", name, err)
		}
		if err := d.Check("o", entries(t, "Observation", labelled)); c.allowed != (err == nil) || err != nil && !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A scope may name a parameter whose rows are those of others.
func TestScopeByUnion(t *testing.T) {
	app := Actor{Role: Participant, ID: "a", Client: "app", Patient: "p1", Scopes: parse(t, "patient/Observation.rs?combo-code=http://loinc.org|8480-6")}
	d, err := policyOf(world{}).Decide(t.Context(), app, Request{Read, "Observation", ""})
	if err != nil {
		t.Fatal(err)
	}
	coding := `"code":{"coding":[{"system":"http://loinc.org","code":"%s"}]}`
	for _, c := range []struct {
		code, component string
		within          bool
	}{{"8480-6", "1-8", true}, {"85354-9", "8480-6", true}, {"85354-9", "1-8", false}} {
		body := fmt.Sprintf(`{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p1"},`+coding+`,"component":[{`+coding+`}]}`, c.code, c.component)
		if err := d.Check("o", entries(t, "Observation", body)); (err == nil) != c.within {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
