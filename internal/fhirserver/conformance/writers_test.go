package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/check"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

// Of 32 writers over a few resources, who change them in every way at once, every
// acknowledged write is a version of its own, there is no version that nobody was
// told of, no increment is lost, one of those who create under the same condition
// does, and a check of the store finds nothing.
func TestManyWriters(t *testing.T) {
	const writers, turns = 32, 6
	storetest.Each(t, func(t *testing.T, db store.Store) {
		if err := (tables.SearchParams{}).Indexed(t.Context(), db, search.Generation); err != nil {
			t.Fatal(err)
		}
		w := &writing{site: start(t, db), t: t, versions: map[string][]int64{}, created: map[string]int{}}
		w.version(w.call(t, "PUT /Patient/counter", patient("counter", `,"multipleBirthInteger":0`)), "Patient/counter")
		var group sync.WaitGroup
		for writer := range writers {
			group.Go(func() {
				chance := rand.New(rand.NewPCG(7, uint64(writer)))
				for turn := range turns {
					ways[(writer+turn)%len(ways)](w, chance, fmt.Sprintf("%d", writer*turns+turn+1))
				}
			})
		}
		group.Wait()
		w.everyVersionIsTold()
		w.nothingIsLost()
		w.oneOfEach()
		w.checked(db)
	})
}

// writing notes what was acknowledged.
type writing struct {
	*site
	t *testing.T

	mu         sync.Mutex
	versions   map[string][]int64 // of each resource
	created    map[string]int     // by condition
	increments int
}

// ways of writing. Each takes a mark, which is nobody else's.
var ways = []func(w *writing, chance *rand.Rand, mark string){
	(*writing).increment, (*writing).createOnce, (*writing).updateOne, (*writing).transact, (*writing).flip, (*writing).patchOne,
}

// version notes the version that an answer tells of.
func (w *writing) version(r reply, name string) {
	etag := strings.Trim(r.header.Get("ETag"), `W/"`)
	if location := r.header.Get("Location"); location != "" {
		name = nameIn(location)
	}
	w.noted(name, etag)
}

func (w *writing) noted(name, etag string) {
	n, err := strconv.ParseInt(etag, 10, 64)
	if err != nil {
		w.t.Errorf("%s was written as version %q", name, etag)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.versions[name] = append(w.versions[name], n)
}

var patientPath = regexp.MustCompile(`Patient/[^/]+`)

func nameIn(location string) string { return patientPath.FindString(location) }

// among makes sure that an answer is one that a race may have.
func (w *writing) among(r reply, statuses ...int) bool {
	if !slices.Contains(statuses, r.status) {
		w.t.Errorf("%s: %d %.300s", r.line, r.status, r.body)
		return false
	}
	return r.status < 300
}

var births = regexp.MustCompile(`"multipleBirthInteger":(\d+)`)

func counted(body []byte) int {
	if found := births.FindSubmatch(body); found != nil {
		n, _ := strconv.Atoi(string(found[1])) // digits
		return n
	}
	return -1
}

// increment counts one up, until it was not another who did.
func (w *writing) increment(*rand.Rand, string) {
	for range 2000 {
		now := w.call(w.t, "GET /Patient/counter", "")
		next := patient("counter", fmt.Sprintf(`,"multipleBirthInteger":%d`, counted(now.body)+1))
		r := w.call(w.t, "PUT /Patient/counter", next, "If-Match", now.header.Get("ETag"))
		if !w.among(r, 200, 412, 409) {
			if r.status == 412 || r.status == 409 {
				continue
			}
			return
		}
		w.version(r, "Patient/counter")
		w.mu.Lock()
		w.increments++
		w.mu.Unlock()
		return
	}
	w.t.Error("somebody else was always quicker")
}

func identifiedBy(system string, chance *rand.Rand) (identifier, condition string) {
	n := chance.IntN(5)
	return fmt.Sprintf(`,"identifier":[{"system":"urn:%s","value":"%d"}]`, system, n), fmt.Sprintf("identifier=urn:%s|%d", system, n)
}

// createOnce creates what is not there by its identifier.
func (w *writing) createOnce(chance *rand.Rand, _ string) {
	identifier, condition := identifiedBy("create", chance)
	r := w.call(w.t, "POST /Patient", patient("", identifier), "If-None-Exist", condition)
	if w.among(r, 200, 201) && r.status == http.StatusCreated {
		w.version(r, "")
		w.mu.Lock()
		w.created[condition]++
		w.mu.Unlock()
	}
}

// updateOne updates what has an identifier, or creates it.
func (w *writing) updateOne(chance *rand.Rand, mark string) {
	identifier, condition := identifiedBy("update", chance)
	r := w.call(w.t, "PUT /Patient?"+condition, patient("", identifier+`,"multipleBirthInteger":`+mark))
	if w.among(r, 200, 201, 409, 412) {
		w.version(r, "Patient/"+idOf(w.t, r.body))
	}
}

// transact writes the same mark to two of the same few, in any order.
func (w *writing) transact(chance *rand.Rand, mark string) {
	ids := []string{"x", "y"}
	chance.Shuffle(2, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var entries []fhirtest.Entry
	for _, id := range ids {
		entries = append(entries, fhirtest.Put("Patient/"+id, []byte(patient(id, `,"multipleBirthInteger":`+mark))))
	}
	r := w.call(w.t, "POST /", string(fhirtest.Transaction(entries...)))
	if !w.among(r, 200, 409) {
		return
	}
	for _, e := range r.bundle(w.t).Entry {
		w.noted(nameIn(e.Response.Location), strings.Trim(e.Response.Etag, `W/"`))
	}
}

// flip deletes, or brings back.
func (w *writing) flip(chance *rand.Rand, mark string) {
	id := fmt.Sprintf("flip-%d", chance.IntN(3))
	if chance.IntN(2) == 0 {
		r := w.call(w.t, "DELETE /Patient/"+id, "")
		if w.among(r, 204, 200, 409) && r.header.Get("ETag") != "" {
			w.deletion(r, "Patient/"+id)
		}
		return
	}
	if r := w.call(w.t, "PUT /Patient/"+id, patient(id, `,"multipleBirthInteger":`+mark)); w.among(r, 200, 201, 409) {
		w.version(r, "Patient/"+id)
	}
}

// deletion notes a version once: to delete what is deleted changes nothing, and is
// answered with the same.
func (w *writing) deletion(r reply, name string) {
	n, _ := strconv.ParseInt(strings.Trim(r.header.Get("ETag"), `W/"`), 10, 64)
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > 0 && !slices.Contains(w.versions[name], n) {
		w.versions[name] = append(w.versions[name], n)
	}
}

// patchOne patches under the version that it has seen.
func (w *writing) patchOne(chance *rand.Rand, mark string) {
	id := fmt.Sprintf("patched-%d", chance.IntN(2))
	now := w.call(w.t, "GET /Patient/"+id, "")
	if now.status == http.StatusNotFound {
		if r := w.call(w.t, "PUT /Patient/"+id, patient(id, ""), "If-None-Match", "*"); w.among(r, 201, 412, 409) {
			w.version(r, "Patient/"+id)
		}
		return
	}
	r := w.call(w.t, "PATCH /Patient/"+id, `[{"op":"add","path":"/multipleBirthInteger","value":`+mark+`}]`,
		"Content-Type", "application/json-patch+json", "If-Match", now.header.Get("ETag"))
	if w.among(r, 200, 412, 409) {
		w.version(r, "Patient/"+id)
	}
}

// everyVersionIsTold: the acknowledged versions of each resource are 1 to the
// current one, each once, and its history has no other.
func (w *writing) everyVersionIsTold() {
	for name, told := range w.versions {
		slices.Sort(told)
		for i, n := range told {
			if n != int64(i+1) {
				w.t.Errorf("%s: the versions that were acknowledged are %v", name, told)
				break
			}
		}
		if history := w.call(w.t, "GET /"+name+"/_history?_count=500", "").is(w.t, 200).bundle(w.t); len(history.Entry) != len(told) {
			w.t.Errorf("%s: %d versions are there, %d were acknowledged", name, len(history.Entry), len(told))
		}
	}
}

func (w *writing) nothingIsLost() {
	if n := counted(w.call(w.t, "GET /Patient/counter", "").is(w.t, 200).body); n != w.increments || n == 0 {
		w.t.Errorf("it was counted up %d times, to %d", w.increments, n)
	}
	x, y := w.call(w.t, "GET /Patient/x", "").is(w.t, 200), w.call(w.t, "GET /Patient/y", "").is(w.t, 200)
	if a, b := counted(x.body), counted(y.body); a != b || a < 0 {
		w.t.Errorf("of the same transactions, one has %d, the other %d", a, b)
	}
}

// oneOfEach: whatever was created by a condition is there once.
func (w *writing) oneOfEach() {
	for n := range 5 {
		condition := fmt.Sprintf("identifier=urn:create|%d", n)
		if w.created[condition] != 1 {
			w.t.Errorf("%s: %d created it", condition, w.created[condition])
		}
		for _, system := range []string{"create", "update"} {
			if found := w.call(w.t, fmt.Sprintf("GET /Patient?identifier=urn:%s|%d", system, n), "").bundle(w.t).ids(w.t); len(found) > 1 {
				w.t.Errorf("urn:%s|%d: there are %v", system, n, found)
			}
		}
	}
}

// checked holds the whole store against itself.
func (w *writing) checked(db store.Store) {
	report, err := check.Run(context.Background(), check.Options{Store: db, Registry: search.Base(), Base: w.url})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range report.Faults {
		w.t.Errorf("the check finds %+v", f)
	}
	if report.Resources == 0 || report.Versions == 0 || report.Rows == 0 {
		w.t.Errorf("the check has seen nothing: %+v", report)
	}
}
