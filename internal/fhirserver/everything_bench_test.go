package fhirserver

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// BenchmarkEverything takes all of one patient among eight, audit on, on each
// database.
func BenchmarkEverything(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(fhirtest.Data(b, "synthea"), "*.json"))
	if err != nil || len(files) < 10 {
		b.Fatal(len(files), err)
	}
	for name, open := range map[string]func(testing.TB) store.Store{
		"sqlite":   func(t testing.TB) store.Store { return storetest.SQLite(t, storetest.Options{}) },
		"postgres": func(t testing.TB) store.Store { return storetest.Postgres(t, storetest.Options{}) },
	} {
		b.Run(name, func(b *testing.B) {
			s := start(b, open(b))
			for _, file := range files[:10] {
				s.loads(file)
			}
			id := s.call("all", "GET /Patient?_count=1", "").is(200).ids()[0]
			size := len(s.call("all", "GET /Patient/"+id+"/$everything", "").is(200).ids())
			b.ReportMetric(float64(size), "entries/op")
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				r := httptest.NewRequest("GET", s.url+"/Patient/"+id+"/$everything", nil)
				r.Header.Set("Authorization", "Bearer all")
				w := httptest.NewRecorder()
				s.server.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(size), "entries/op")
		})
	}
}
