package demo_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/internal/app"
)

// TestKilledSealing kills the service while it writes, reads and seals its audit, again
// and again: the trail verifies all the while, what was acknowledged is in it, and
// what the dead processes left is sealed by one that comes after.
func TestKilledSealing(t *testing.T) {
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) { killedSealing(t, environ) })
	}
}

func killedSealing(t *testing.T, environ []string) {
	v := newVictim(t, environ, "")
	v.start()
	key := maintenance(t, v)
	var written []string
	for life := range 3 {
		written = append(written, v.busyUntilKilled(key, life)...)
		verified(t, v, 0)
		v.start()
	}
	for _, id := range written {
		var found struct {
			Entry []struct{ Resource struct{ Action string } }
		}
		get(t, v.config.FHIRBase()+"/AuditEvent?patient=Patient/"+id, key, &found)
		if !slices.ContainsFunc(found.Entry, func(e struct{ Resource struct{ Action string } }) bool {
			return strings.Contains("CU", e.Resource.Action)
		}) {
			t.Errorf("that Patient/%s was written is not in the audit: %+v", id, found)
		}
	}
	v.kill()
	verified(t, v, time.Hour)
}

// busyUntilKilled writes and reads until the service is killed: the ids of the
// Patients that it was told are written.
func (v *victim) busyUntilKilled(key string, life int) []string {
	v.t.Helper()
	var done atomic.Int64
	written := make([][]string, 4)
	var group sync.WaitGroup
	for worker := range written {
		group.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("life-%d-%d-%d", life, worker, i)
				if !asks(v.config.FHIRBase(), id, http.MethodPut, key) {
					return
				}
				written[worker] = append(written[worker], id)
				done.Add(1)
				asks(v.config.FHIRBase(), id, http.MethodGet, key)
			}
		})
	}
	eventually(v.t, "writes are acknowledged", func() bool { return done.Load() >= int64(30+19*life) })
	v.kill()
	group.Wait()
	return slices.Concat(written...)
}

// asks writes or reads a Patient; false when nobody is there any more.
func asks(base, id, method, key string) bool {
	r, err := http.NewRequest(method, base+"/Patient/"+id, strings.NewReader(fmt.Sprintf(`{"resourceType": "Patient", "id": %q}`, id)))
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/fhir+json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode < 300
}

// verified goes over the trail as `tributary audit verify` does. A while later a process
// that comes has to have sealed what was left.
func verified(t *testing.T, v *victim, later time.Duration) {
	t.Helper()
	o := silent()
	o.Now = func() time.Time { return time.Now().Add(later) }
	s, err := app.NewService(context.Background(), v.config, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	if later == 0 {
		if report, err := s.VerifyAudit(context.Background(), time.Time{}, nil); err != nil || report.Break != nil || report.Rows == 0 {
			t.Fatalf("killed: %+v, %v", report, err)
		}
		return
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a later process has sealed what was left", func() bool {
		report, err := s.VerifyAudit(context.Background(), time.Time{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return report.Break == nil && report.Unsealed == 0
	})
}
