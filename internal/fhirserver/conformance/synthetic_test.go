package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Of the synthetic patients, these many are loaded always, and others until the
// time is over.
const (
	leastPatients = 5
	loadingTime   = 8 * time.Second
)

// sentBundle is a bundle of the test data.
type sentBundle struct {
	Type  string
	Entry []struct {
		FullURL  string
		Resource map[string]any
		Request  struct{ IfNoneExist string }
	}
}

// world is what should be there after the loads.
type world struct {
	want   map[string]map[string]any // Type/id -> the resource as sent
	from   map[string]int            // Type/id -> the bundle that it came in
	places []map[string]string       // of each bundle: fullUrl -> Type/id
	stored map[string]map[string]any // Type/id -> the resource as served

}

// Whole patients load as they are; what they refer to by condition or by
// urn:uuid is the resource that they mean; nothing is lost, doubled or changed.
func TestSyntheticPatientsLoad(t *testing.T) {
	files := fhirtest.Files(t, "synthea")
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		w := world{map[string]map[string]any{}, map[string]int{}, nil, map[string]map[string]any{}}
		patients, begun := 0, time.Now()
		for _, file := range files { // sorted: the 0-* ones, which the others refer to, come first
			shared := strings.HasPrefix(filepath.Base(file), "0-")
			if !shared && patients >= leastPatients && (testing.Short() || time.Since(begun) > loadingTime) {
				break
			}
			if s.post(t, &w, file); !shared {
				patients++
			}
		}
		t.Logf("%d patients, %d resources in %s", patients, len(w.want), time.Since(begun).Round(time.Millisecond))
		s.gather(t, &w)
		for place, sent := range w.want {
			w.same(t, place, place, sent, w.stored[place])
		}
	})
}

var created = regexp.MustCompile(`^([A-Z][A-Za-z]+/[A-Za-z0-9.-]+)/_history/1$`)

// post loads a bundle, and holds that each entry's response says what it became.
func (s *site) post(t *testing.T, w *world, file string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sent, answer := decodeBundle(t, src), s.call(t, "POST /", string(src)).is(t, 200).bundle(t)
	if answer.Type != sent.Type+"-response" || len(answer.Entry) != len(sent.Entry) {
		t.Fatalf("%s: a %s with %d entries answers %d", filepath.Base(file), answer.Type, len(answer.Entry), len(sent.Entry))
	}
	places := map[string]string{}
	for i, e := range answer.Entry {
		r, at := e.Response, created.FindStringSubmatch(e.Response.Location)
		if !strings.HasPrefix(r.Status, "201") || at == nil || r.Etag != `W/"1"` || r.LastModified == "" {
			t.Fatalf("%s: entry %d answers %+v", filepath.Base(file), i, r)
		}
		if _, twice := w.want[at[1]]; twice {
			t.Fatalf("%s: entry %d is at %s, like another", filepath.Base(file), i, at[1])
		}
		places[sent.Entry[i].FullURL] = at[1]
		w.want[at[1]], w.from[at[1]] = sent.Entry[i].Resource, len(w.places)
	}
	w.places = append(w.places, places)
}

func decodeBundle(t *testing.T, src []byte) (b sentBundle) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	return b
}

// gather pages through all that is there of each type; its number is the total
// that the server counts, and that of the bundles.
func (s *site) gather(t *testing.T, w *world) {
	t.Helper()
	want := map[string]int{}
	for place := range w.want {
		typ, _, _ := strings.Cut(place, "/")
		want[typ]++
	}
	got := map[string]int{}
	for typ, n := range want {
		total := s.call(t, "GET /"+typ+"?_total=accurate&_count=1", "").is(t, 200).bundle(t).Total
		if total == nil || *total != n {
			t.Errorf("%s: %d were sent, the server counts %v", typ, n, total)
		}
		for next := "/" + typ + "?_count=1000"; next != ""; {
			b := s.call(t, "GET "+next, "").is(t, 200).bundle(t)
			for _, e := range b.Entry {
				got[typ]++
				w.keep(t, e.Resource)
			}
			next = b.link("next")
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("there are %v, the bundles have %v", got, want)
	}
}

func (w *world) keep(t *testing.T, resource []byte) {
	d := json.NewDecoder(bytes.NewReader(resource))
	d.UseNumber()
	var r map[string]any
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	w.stored[fmt.Sprint(r["resourceType"], "/", r["id"])] = r
}

// same compares what was sent with what is served: all but id, meta and
// references is equal, and a reference is the one that was meant.
func (w *world) same(t *testing.T, place, path string, sent, served any) {
	switch sent := sent.(type) {
	case map[string]any:
		served, ok := served.(map[string]any)
		if !ok {
			t.Errorf("%s is gone", path)
			return
		}
		w.sameObject(t, place, path, sent, served)
	case []any:
		served, ok := served.([]any)
		if !ok || len(served) != len(sent) {
			t.Errorf("%s: %d items of %d", path, len(served), len(sent))
			return
		}
		for i := range sent {
			w.same(t, place, fmt.Sprintf("%s[%d]", path, i), sent[i], served[i])
		}
	default:
		if !reflect.DeepEqual(sent, served) {
			t.Errorf("%s is %v, was sent as %v", path, served, sent)
		}
	}
}

func (w *world) sameObject(t *testing.T, place, path string, sent, served map[string]any) {
	top := path == place
	for name, v := range sent {
		text, isText := v.(string)
		switch {
		case top && (name == "id" || name == "meta"):
		case name == "reference" && isText:
			w.refers(t, place, path, text, fmt.Sprint(served[name]))
		default:
			w.same(t, place, path+"."+name, v, served[name])
		}
	}
	for name := range served {
		if _, ok := sent[name]; !ok && !(top && (name == "id" || name == "meta")) {
			t.Errorf("%s has a %s that was not sent", path, name)
		}
	}
}

// refers holds a stored reference against the one that was sent.
func (w *world) refers(t *testing.T, place, path, sent, served string) {
	typ, condition, conditional := strings.Cut(sent, "?identifier=")
	switch {
	case strings.HasPrefix(sent, "urn:uuid:"):
		if want := w.places[w.from[place]][sent]; served != want {
			t.Errorf("%s is a reference to %s, %s became %s", path, served, sent, want)
		}
	case conditional:
		system, value, _ := strings.Cut(condition, "|")
		if !strings.HasPrefix(served, typ+"/") || !identified(w.stored[served], system, value) {
			t.Errorf("%s is a reference to %s, which is not %s", path, served, sent)
		}
	case served != sent:
		t.Errorf("%s is a reference to %s, was sent as %s", path, served, sent)
	}
}

func identified(resource map[string]any, system, value string) bool {
	for _, identifier := range list(resource, "identifier") {
		i := identifier.(map[string]any)
		if i["system"] == system && i["value"] == value {
			return true
		}
	}
	return false
}
