package fhirserver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/internal/store/storetest"
)

// What a read by id costs, audit on, against a bare handler that writes the same
// bytes: at least half as fast is asked of SQLite.
func BenchmarkRead(b *testing.B) {
	s := start(b, storetest.SQLite(b, storetest.Options{}))
	id := s.call("all", "POST /Observation", string(fhirtest.Observation())).is(201).text("id")
	body := s.call("all", "GET /Observation/"+id, "").is(200).body
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", fhirJSON)
		w.Write(body)
	}))
	b.Cleanup(bare.Close)
	b.Run("bare", func(b *testing.B) { readLoop(b, bare.URL+"/Observation/"+id) })
	b.Run("served", func(b *testing.B) { readLoop(b, s.url+"/Observation/"+id) })
	b.Run("handler", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := httptest.NewRequest("GET", s.url+"/Observation/"+id, nil)
			r.Header.Set("Authorization", "Bearer all")
			w := httptest.NewRecorder()
			s.server.ServeHTTP(w, r)
			if w.Code != 200 {
				b.Fatal(w.Code)
			}
		}
	})
}

// cpu is the processor time that this process has used: other load on the machine
// does not count.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func readLoop(b *testing.B, url string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	b.Cleanup(client.CloseIdleConnections)
	before := cpu(b)
	defer func() { b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/1e3, "cpu-µs/op") }()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			r, _ := http.NewRequest("GET", url, nil)
			r.Header.Set("Authorization", "Bearer all")
			response, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode != 200 {
				b.Error(response.StatusCode)
				return
			}
		}
	})
}

// BenchmarkLoad posts a patient's bundle again and again; each makes new resources.
func BenchmarkLoad(b *testing.B) {
	dir := fhirtest.Data(b, "synthea")
	s := start(b, storetest.SQLite(b, storetest.Options{}))
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 3 {
		b.Fatal(err)
	}
	for _, file := range files[:2] {
		s.loads(file)
	}
	src, err := os.ReadFile(files[2])
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		r := s.call("all", "POST /", string(src)).is(200)
		n += strings.Count(string(r.body), `"status":"201 Created"`)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "resources/s")
}
