package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const callingBatch = `{"resourceType":"Bundle","type":"batch","entry":[
	{"request":{"method":"GET","url":"Patient/ann/$everything?_count=10"}},
	{"request":{"method":"GET","url":"Patient/ann"}},
	{"resource":{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"seen"}]}}]},"request":{"method":"POST","url":"Patient/ann/$meta-add"}},
	{"request":{"method":"GET","url":"Patient/nobody/$everything"}},
	{"request":{"method":"GET","url":"Patient/ann/$nothing"}},
	{"request":{"method":"DELETE","url":"Patient/ann/$everything"}},
	{"request":{"method":"GET","url":"$graphql?query={Patient(id:\"ann\"){id}}"}}]}`

// A batch calls operations, each with the client's own rights; a transaction does not.
func TestOperationsInBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, "PUT /Patient/ann", `{"resourceType":"Patient","id":"ann"}`).is(t, 201)
		got := s.call(t, "POST /", callingBatch).is(t, 200).bundle(t)
		for i, want := range []struct{ status, holds string }{
			{"200", `"type":"searchset"`}, {"200", `"id":"ann"`}, {"200", `"code":"seen"`}, {"404", `"OperationOutcome"`},
			{"404", `"OperationOutcome"`}, {"400", `GET or POST`}, {"400", `no resource`},
		} {
			e := got.Entry[i]
			if text := string(e.Resource) + string(e.Response.Outcome); !strings.HasPrefix(e.Response.Status, want.status) || !strings.Contains(text, want.holds) {
				t.Errorf("entry %d: %s %s, want %s with %s", i, e.Response.Status, text, want.status, want.holds)
			}
		}
		if tagged := s.call(t, "GET /Patient?_tag=urn:t|seen", "").is(t, 200).bundle(t); len(tagged.Entry) != 1 {
			t.Errorf("$meta-add in a batch changed %d resources", len(tagged.Entry))
		}
		refused := s.call(t, "POST /", strings.Replace(callingBatch, `"batch"`, `"transaction"`, 1)).refused(t, 400)
		if len(refused) == 0 || !strings.Contains(refused[0].Diagnostics, "in a batch") || !strings.Contains(refused[0].Expression[0], "entry[0]") {
			t.Errorf("a transaction says %+v", refused)
		}
		many := strings.Repeat(`{"request":{"method":"GET","url":"Patient/ann/$meta"}},`, 101)
		all := s.call(t, "POST /", `{"resourceType":"Bundle","type":"batch","entry":[`+strings.TrimSuffix(many, ",")+`]}`).is(t, 200).bundle(t)
		if n := strings.Count(string(encoded(t, all.Entry)), "too-costly"); n != 1 {
			t.Errorf("%d of 101 operations are too many", n)
		}
		got = s.call(t, "POST /", callingBatch, "Authorization", "Bearer patients").is(t, 200).bundle(t)
		if status := got.Entry[2].Response.Status; !strings.HasPrefix(status, "403") {
			t.Errorf("a client that may not write: %s", status)
		}
	})
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	src, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return src
}
