package demo_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/internal/app"
	"tributary/internal/check"
)

// crashesVariable says how often the service is killed; five times without it.
const crashesVariable = "TRIBUTARY_TEST_CRASHES"

// TestKilledAgainAndAgain kills the service in the middle of every kind of write,
// and while it indexes by a changed search parameter: each time, what was
// acknowledged is there under its version, of each transaction there is all or
// nothing, and a check of the whole store finds no fault.
func TestKilledAgainAndAgain(t *testing.T) {
	rounds := 5
	if text := os.Getenv(crashesVariable); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) {
			l := &load{t: t, victim: newVictim(t, environ, ""), client: &http.Client{Timeout: 20 * time.Second}}
			l.victim.start()
			l.key = maintenance(t, l.victim)
			for round := range rounds {
				l.round(round)
			}
			l.settled()
			t.Logf("killed %d times: %d writes were acknowledged, of %d transactions each whole or not at all", rounds, l.all, l.transactions)
		})
	}
}

// load is what is written until the service is killed.
type load struct {
	t       *testing.T
	victim  *victim
	client  *http.Client
	key     string
	mu      sync.Mutex
	acked   []acked
	pairs   []string // what the two resources of each transaction are called
	all     int
	killing bool

	transactions int
}

// acked is a write that was answered.
type acked struct {
	path   string // of the version
	marker string // in its content; "" of a deletion
}

func (l *load) round(round int) {
	l.acked, l.pairs, l.killing = nil, nil, false
	l.parameter(round)
	var group sync.WaitGroup
	for worker := range 6 {
		group.Go(func() {
			for n := 0; !l.over(); n++ {
				kinds[(worker+n)%len(kinds)](l, fmt.Sprintf("r%d-w%d-n%d", round, worker, n), worker)
			}
		})
	}
	eventually(l.t, "some writes are acknowledged", func() bool { return l.noted() >= 100+round*137%400 })
	l.victim.kill() // at no particular moment of those that are under way
	l.mu.Lock()
	l.killing = true
	l.mu.Unlock()
	group.Wait()
	faultless(l.t, l.victim)
	l.victim.start()
	l.look()
}

func (l *load) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.killing
}

// kinds are the kinds of writes.
var kinds = []func(l *load, marker string, worker int){
	func(l *load, marker string, _ int) { l.write("POST", "Patient", marked("", marker), marker) },
	func(l *load, marker string, worker int) { l.increment(marker, worker%2) },
	(*load).transaction,
	func(l *load, marker string, worker int) {
		id := fmt.Sprintf("flip-%d", worker)
		l.write("PUT", "Patient/"+id, marked(id, marker), marker)
		l.write("DELETE", "Patient/"+id, "", "")
	},
}

func marked(id, marker string) string {
	name := ""
	if id != "" {
		name = `"id":"` + id + `",`
	}
	return `{"resourceType":"Patient",` + name + `"identifier":[{"system":"urn:marker","value":"` + marker + `"}],"name":[{"family":"` + marker +
		`"}],"extension":[{"url":"http://x.example/mascot","valueCode":"otter"}]}`
}

// do sends a request; the status is 0 when there was no whole answer.
func (l *load) do(method, path, body string, headers ...string) (status int, header http.Header, content string) {
	r, err := http.NewRequestWithContext(context.Background(), method, l.victim.config.FHIRBase()+"/"+path, strings.NewReader(body))
	if err != nil {
		l.t.Error(err)
		return 0, nil, ""
	}
	r.Header.Set("Authorization", "Bearer "+l.key)
	r.Header.Set("Content-Type", "application/fhir+json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := l.client.Do(r)
	if err != nil {
		return 0, nil, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, ""
	}
	return response.StatusCode, response.Header, string(text)
}

// write notes what is acknowledged.
func (l *load) write(method, path, body, marker string, headers ...string) int {
	status, header, content := l.do(method, path, body, headers...)
	if status != 200 && status != 201 && status != 204 {
		if status != 0 && status != 412 && status != 409 {
			l.t.Errorf("%s %s: %d %.300s", method, path, status, content)
		}
		return status
	}
	version := strings.Trim(header.Get("ETag"), `W/"`)
	if location := header.Get("Location"); location != "" {
		path = strings.TrimPrefix(location, l.victim.config.FHIRBase()+"/")
		path, _, _ = strings.Cut(path, "/_history")
	}
	if version != "" {
		l.note(acked{path + "/_history/" + version, marker})
	}
	return status
}

func (l *load) noted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

func (l *load) note(a ...acked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked = append(l.acked, a...)
}

// increment replaces what it has read, if nobody else has meanwhile.
func (l *load) increment(marker string, n int) {
	id := fmt.Sprintf("shared-%d", n)
	status, header, _ := l.do("GET", "Patient/"+id, "")
	switch status {
	case 200:
		l.write("PUT", "Patient/"+id, marked(id, marker), marker, "If-Match", header.Get("ETag"))
	case 404:
		l.write("PUT", "Patient/"+id, marked(id, marker), marker, "If-None-Match", "*")
	}
}

// transaction writes two resources, and one that all workers write.
func (l *load) transaction(marker string, _ int) {
	l.mu.Lock()
	l.pairs = append(l.pairs, marker)
	l.mu.Unlock()
	entry := func(id string) string {
		return `{"resource":` + marked(id, marker) + `,"request":{"method":"PUT","url":"Patient/` + id + `"}}`
	}
	status, _, content := l.do("POST", "", `{"resourceType":"Bundle","type":"transaction","entry":[`+
		strings.Join([]string{entry(marker + "-a"), entry(marker + "-b"), entry("everybody")}, ",")+`]}`)
	switch status {
	case 200:
		l.note(acked{"Patient/" + marker + "-a/_history/1", marker}, acked{"Patient/" + marker + "-b/_history/1", marker})
	case 0, 409, 412:
	default:
		l.t.Errorf("a transaction: %d %.300s", status, content)
	}
}

// parameter changes a search parameter, so that a job on the index is under way.
func (l *load) parameter(round int) {
	status, _, content := l.do("PUT", "SearchParameter/mascot", `{"resourceType":"SearchParameter","id":"mascot","url":"http://x.example/mascot","name":"mascot","description":"d",`+
		`"status":"active","code":"mascot","base":["Patient"],"type":"token","expression":"`+expressions[round%2]+`"}`)
	if status != 200 && status != 201 {
		l.t.Fatalf("the parameter: %d %.300s", status, content)
	}
}

var expressions = []string{"Patient.extension('http://x.example/mascot').value", "Patient.extension.where(url='http://x.example/mascot').value"}

// faultless checks the whole store while nobody serves it.
func faultless(t *testing.T, v *victim) {
	t.Helper()
	s, err := app.NewService(context.Background(), v.config, silent())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	report, err := s.Check(context.Background(), false, func(check.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults[:min(10, len(report.Faults))] {
		t.Errorf("the check finds %+v", f)
	}
}

// look asks the next process for what was acknowledged.
func (l *load) look() {
	for _, a := range l.acked {
		status, _, content := l.do("GET", a.path, "")
		if a.marker == "" && status == 410 || status == 200 && strings.Contains(content, a.marker) {
			continue
		}
		l.t.Errorf("%s was acknowledged, and is %d %.200s", a.path, status, content)
	}
	for _, pair := range l.pairs {
		a, _, _ := l.do("GET", "Patient/"+pair+"-a", "")
		b, _, _ := l.do("GET", "Patient/"+pair+"-b", "")
		if a != b {
			l.t.Errorf("of a transaction, one resource is %d, the other %d", a, b)
		}
	}
	l.all, l.transactions = l.all+len(l.acked), l.transactions+len(l.pairs)
}

// settled waits for the index, and searches by the parameter: everybody who is there
// has it.
func (l *load) settled() {
	eventually(l.t, "the parameter of the last round is ready", func() bool {
		status, _, content := l.do("GET", "SearchParameter/mascot/$status", "")
		return status == 200 && strings.Contains(content, `"ready"`)
	})
	_, _, all := l.do("GET", "Patient?_summary=count", "")
	_, _, with := l.do("GET", "Patient?_summary=count&mascot=otter", "")
	if total(all) == "" || total(all) != total(with) {
		l.t.Errorf("there are %s, and %s of them are found by the parameter", total(all), total(with))
	}
	l.victim.kill()
	faultless(l.t, l.victim)
}

func total(bundle string) string {
	_, rest, _ := strings.Cut(bundle, `"total":`)
	end := strings.IndexAny(rest, ",}")
	return rest[:max(end, 0)]
}
