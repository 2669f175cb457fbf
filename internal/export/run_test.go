package export_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/export"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func crowd(t *testing.T, s store.Store, n int, change func(*export.Config)) *site {
	x := newSite(t, s, change)
	for i := range n {
		x.person(fmt.Sprintf("p%02d", i), all)
	}
	return x
}

func TestWithdrawalWhileThePartIsWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := crowd(t, s, 25, nil)
		turns := 0
		x.people.during = func(id string) {
			if turns++; id == "p24" && turns == 25 { // p03 has been written, in the batch before
				x.withdraw("p03")
			}
		}
		got := x.run(warehouse)
		if len(got["Patient"]) != 24 || len(got["Condition"]) != 24 || len(got["Medication"]) != 24 {
			t.Errorf("%s", counts(got))
		}
		if strings.Contains(strings.Join(got["Patient"], ""), fmt.Sprintf("R%032x", 4)) {
			t.Error("who has withdrawn is in the release")
		}
	})
}

// A consent may end without an event: by its date.
func TestConsentEndsWhileThePartIsWritten(t *testing.T) {
	x := crowd(t, storetest.SQLite(t, storetest.Options{}), 25, nil)
	x.people.during = func(id string) {
		if id == "p24" {
			x.people.during = nil
			x.people.set("p03", noRecords)
		}
	}
	got := x.run(warehouse)
	if len(got["Patient"]) != 25 || len(got["Condition"]) != 24 {
		t.Errorf("%s", counts(got))
	}
}

func TestConsentEndsBeforeTheDownload(t *testing.T) {
	x := crowd(t, storetest.SQLite(t, storetest.Options{}), 2, nil)
	status := x.start(warehouse, "Group/cohort/$export")
	x.work()
	m := x.manifest(warehouse, status)
	x.people.set("p01", access.Permissions{})
	if w := x.file(warehouse, m.Output[0].URL); w.Code != http.StatusGone {
		t.Errorf("%d", w.Code)
	}
	if m := x.manifest(warehouse, status); len(m.Output) != 0 || len(m.Error) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestRevokedRecords(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	x.person("p1", all)
	x.person("p2", noRecords)
	status := x.start(warehouse, "Group/cohort/$export")
	x.work()
	m := x.manifest(warehouse, status)
	revoke := func(id string) {
		err := x.records.Write(t.Context(), access.Job("consent", "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
			return x.Revoked(ctx, tx, id, x.now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	revoke("p2") // whose records are in no file
	if w := x.file(warehouse, m.Output[0].URL); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	x.people.set("p1", noRecords)
	revoke("p1")
	if w := x.file(warehouse, m.Output[0].URL); w.Code != http.StatusGone {
		t.Errorf("%d", w.Code)
	}
	if got := x.run(warehouse); counts(got) != "map[Observation:2 Patient:2 QuestionnaireResponse:2]" {
		t.Errorf("%s", counts(got))
	}
}

func TestDeletedWhileItRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := crowd(t, s, 45, func(c *export.Config) { c.PartMembers = 20 })
		status := x.start(warehouse, "Group/cohort/$export")
		x.people.during = func(id string) {
			if id == "p25" {
				if w := x.ask(x.Cancel, warehouse, "DELETE", status); w.Code != http.StatusAccepted {
					t.Errorf("%d", w.Code)
				}
			}
		}
		x.work()
		x.nothingUnder(path.Base(status), 1)
		if w := x.ask(x.Status, warehouse, "GET", status); w.Code != http.StatusNotFound {
			t.Errorf("%d", w.Code)
		}
	})
}

// nothingUnder holds that no file of a part is left.
func (x *site) nothingUnder(id string, attempt int) {
	x.t.Helper()
	for part := range 4 {
		for _, typ := range []string{"Patient", "Observation", "Condition"} {
			key := fmt.Sprintf("%s/%d/%d/%s.ndjson", id, attempt, part, typ)
			if r, err := x.blobs.Open(x.t.Context(), key); err == nil {
				r.Close()
				x.t.Errorf("%s is left", key)
			}
		}
	}
}

// A killed job is taken up again from its beginning; nothing of the first
// attempt is seen, even when it turns out to be alive.
func TestKilledJobBeginsAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := crowd(t, s, 45, func(c *export.Config) { c.PartMembers = 20 })
		status := x.start(warehouse, "Group/cohort/$export")
		id := x.queue.take()[0].(export.ReleaseArgs).ID
		dying, kill := context.WithCancel(t.Context())
		x.people.during = func(id string) {
			if id == "p25" {
				kill()
			}
		}
		if err := x.Work(dying, id, true); err == nil {
			t.Fatal("a killed job went on")
		}
		if w := x.ask(x.Status, warehouse, "GET", status); w.Code != http.StatusAccepted {
			t.Errorf("after the kill: %d %s", w.Code, w.Body)
		}
		x.people.during = func(turn string) {
			if turn == "p30" { // another worker takes it up while this one is alive
				x.people.during = nil
				if err := x.Work(t.Context(), id, false); err != nil {
					t.Error(err)
				}
			}
		}
		if err := x.Work(t.Context(), id, false); err != nil {
			t.Errorf("the one that was overtaken: %v", err)
		}
		if got := x.lines(warehouse, status); len(got["Patient"]) != 45 || len(got["Medication"]) != 45 {
			t.Errorf("%s", counts(got))
		}
		x.nothingUnder(id, 1)
		x.nothingUnder(id, 2)
	})
}

// A process that is killed takes its job with it; looking at the status is enough
// for another to begin.
func TestStalledExportIsRevived(t *testing.T) {
	x := crowd(t, storetest.SQLite(t, storetest.Options{}), 2, nil)
	status := x.start(warehouse, "Group/cohort/$export")
	x.queue.take() // and lost
	for _, c := range []struct {
		wait time.Duration
		jobs int
	}{{time.Minute, 0}, {5 * time.Minute, 1}, {time.Minute, 0}} {
		x.now = x.now.Add(c.wait)
		if w := x.ask(x.Status, warehouse, "GET", status); w.Code != http.StatusAccepted {
			t.Fatalf("%d", w.Code)
		}
		if n := len(x.queue.take()); n != c.jobs {
			t.Errorf("%d jobs after %v more, want %d", n, c.wait, c.jobs)
		}
	}
	x.now = x.now.Add(5 * time.Minute)
	if err := x.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.work()
	if got := x.lines(warehouse, status); len(got["Patient"]) != 2 {
		t.Errorf("%s", counts(got))
	}
}

// toAll lets maintenance export every patient.
type toAll struct{ *access.Policy }

func (p toAll) Decide(ctx context.Context, a access.Actor, r access.Request) (access.Decision, error) {
	if r.Interaction == access.Export && a.Role == access.Maintenance {
		return access.Decision{}, nil
	}
	return p.Policy.Decide(ctx, a, r)
}

func TestAllPatients(t *testing.T) {
	x := crowd(t, storetest.SQLite(t, storetest.Options{}), 23, func(c *export.Config) { c.Access = toAll{c.Access.(*access.Policy)} })
	x.put(records.Program, fhirtest.Patient(fhirtest.ID("nobody"))) // takes part in nothing
	maintenance := client("repair", access.Maintenance, "system/*.cruds")
	for _, scope := range []string{"Patient/$export", "$export"} {
		status := x.start(maintenance, scope)
		x.work()
		if got := x.lines(maintenance, status); len(got["Patient"]) != 24 || len(got["Observation"]) != 46 {
			t.Errorf("%s: %s", scope, counts(got))
		}
	}
}

func TestSharedResourcesLeaveOnce(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	for _, id := range []string{"p1", "p2"} {
		x.people.set(id, all)
		x.put(records.Program, fhirtest.Patient(fhirtest.ID(id)))
	}
	rx := `[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1"}]`
	x.put(records.FromEHR,
		fhirtest.Resource("Medication", `{"code":{"coding":`+rx+`},"ingredient":[{"itemReference":{"reference":"Medication/m2"}}]}`, fhirtest.ID("m1")),
		fhirtest.Resource("Medication", `{"code":{"coding":`+rx+`},"ingredient":[{"itemReference":{"reference":"Medication/m1"}}]}`, fhirtest.ID("m2")),
		fhirtest.Resource("Medication", `{"code":{"coding":`+rx+`}}`, fhirtest.ID("unused")),
		fhirtest.Resource("Device", `{"patient":{"reference":"Patient/p1"}}`, fhirtest.ID("d1")),
		fhirtest.Resource("Device", `{"patient":{"reference":"Patient/p2"}}`, fhirtest.ID("d2")), // nothing refers to it
		fhirtest.Resource("Device", `{"type":{"text":"a scale"}}`, fhirtest.ID("d3")),
		fhirtest.Resource("Practitioner", `{"gender":"female"}`, fhirtest.ID("dr")))
	for _, id := range []string{"p1", "p2"} {
		x.put(records.FromEHR, fhirtest.MedicationRequest(fhirtest.ID(id+"-r"), fhirtest.Subject("Patient/"+id), fhirtest.Without("medicationCodeableConcept"),
			fhirtest.With("medicationReference.reference", "Medication/m1"), fhirtest.With("requester.reference", "Practitioner/dr")),
			fhirtest.Observation(fhirtest.ID(id+"-o"), fhirtest.Subject("Patient/"+id), fhirtest.With("device.reference", "Device/d1")))
	}
	if got := x.run(warehouse); counts(got) != "map[Device:2 Medication:2 MedicationRequest:2 Observation:2 Patient:2]" {
		t.Errorf("%s", counts(got))
	}
}

// A resource is in the compartment of whoever performed it too; it leaves with
// its subject only, on the subject's dates and consent.
func TestResourcesLeaveWithTheirSubject(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	for id, now := range map[string]access.Permissions{"p1": all, "p2": all, "p3": {}} {
		x.people.set(id, now)
		x.put(records.Program, fhirtest.Patient(fhirtest.ID(id)))
	}
	performed := func(id, subject, performer string) []byte {
		return fhirtest.Observation(fhirtest.ID(id), fhirtest.Subject("Patient/"+subject), fhirtest.With("performer.0.reference", "Patient/"+performer))
	}
	x.put(records.FromEHR, performed("o1", "p1", "p2"), performed("o2", "p3", "p1"))
	got := x.run(warehouse)
	if counts(got) != "map[Observation:1 Patient:2]" {
		t.Fatalf("%s", counts(got))
	}
	research, _, _ := x.people.ResearchID(t.Context(), "p1")
	if o := got["Observation"][0]; !strings.Contains(o, research) || strings.Contains(o, "performer") {
		t.Errorf("%s", o)
	}
}

func TestStandardTierIsAsStored(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	x.person("p1", all)
	x.person("p2", noRecords)
	x.person("p3", access.Permissions{Withdrawn: true})
	x.put(records.FromEHR, []byte("{\n  \"resourceType\" : \"Practitioner\",\r\n  \"id\": \"dr\", \"name\":[{\"text\":\"Dr\\nNo\"}]}"),
		fhirtest.Condition(fhirtest.ID("c2"), fhirtest.Subject("Patient/p1"), fhirtest.With("recorder.reference", "Practitioner/dr")))
	ehr := client("ehr", access.EHR, "system/*.rs")
	got := x.run(ehr)
	if len(got["Patient"]) != 1 || len(got["Condition"]) != 2 || len(got["Encounter"]) != 1 || len(got["Practitioner"]) != 1 || len(got["Observation"]) != 2 {
		t.Errorf("%s", counts(got))
	}
	held, err := x.records.Read(t.Context(), access.Job("seed", "HOPERAT"), "Condition", "c2")
	if err != nil || !slices.Contains(got["Condition"], string(held.Body)) {
		t.Errorf("%v: %s is not %s", err, got["Condition"], held.Body)
	}
	maintenance := client("repair", access.Maintenance, "system/*.cruds")
	if got := x.run(maintenance); len(got["Patient"]) != 2 {
		t.Errorf("maintenance: %s", counts(got))
	}
	narrow := client("narrow", access.EHR, "system/Condition.rs")
	if got := x.run(narrow); counts(got) != "map[Condition:2]" {
		t.Errorf("scopes: %s", counts(got))
	}
}

func TestSinceOnTheStandardTier(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	x.person("p1", all)
	ehr := client("ehr", access.EHR, "system/*.rs")
	old, err := x.records.Read(t.Context(), access.Job("seed", "HOPERAT"), "Observation", "p1-api")
	if err != nil {
		t.Fatal(err)
	}
	x.put(records.FromEHR, fhirtest.Condition(fhirtest.ID("new"), fhirtest.Subject("Patient/p1")))
	status := x.start(ehr, "Group/cohort/$export?_since="+old.Updated.Format("2006-01-02T15:04:05.999999Z"))
	x.work()
	if got := x.lines(ehr, status); counts(got) != "map[Condition:1]" {
		t.Errorf("%s", counts(got))
	}
}
