package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// posters is how many bundles are under way at a time: enough that the server
// always has one to validate while another is being written.
const posters = 4

// measureWrites loads the patients' bundles and returns the places of what they
// made, for reads.
func (r *run) measureWrites(ctx context.Context, p *process, token, backend string) ([]string, error) {
	for _, shared := range r.data.shared {
		if _, err := post(ctx, p.base, token, shared); err != nil {
			return nil, err
		}
	}
	stopProfile := r.profile(ctx, p, "write-"+backend)
	var places []string
	took, spent, err := p.spend(func() (err error) {
		places, err = postAll(ctx, p.base, token, r.data.patients)
		return err
	})
	if err != nil {
		return nil, err
	}
	price := micros(spent) / float64(r.data.resources)
	r.add(Figure{Part: "b", Name: "transactions into " + backend, Value: float64(r.data.resources) / took.Seconds(), Unit: "resources/s"})
	r.add(Figure{Part: "b", Name: "transactions into " + backend + ", the server's processor time", Value: price, Unit: "µs/resource"})
	r.add(Figure{Part: "b", Name: "transactions into " + backend + ", as a multiple of (a)", Value: price / r.limit, Unit: "×", Most: mostImport})
	peak, err := p.peak()
	if err != nil {
		return nil, err
	}
	r.add(Figure{Part: "b", Name: "transactions into " + backend + ", the server's peak memory", Value: megabytes(peak), Unit: "MB"})
	return places, stopProfile()
}

func postAll(ctx context.Context, base, token string, all [][]byte) ([]string, error) {
	answered, failed := make([][]string, len(all)), make([]error, len(all))
	var next atomic.Int64
	var group sync.WaitGroup
	for range posters {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
				answered[i], failed[i] = post(ctx, base, token, all[i])
			}
		})
	}
	group.Wait()
	var places []string
	for _, p := range answered {
		places = append(places, p...)
	}
	return places, errors.Join(failed...)
}

// post sends a bundle, of which every entry must succeed, and returns where what
// it made is, as Type/id.
func post(ctx context.Context, base, token string, bundle []byte) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/fhir/R4", bytes.NewReader(bundle))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Prefer", "return=minimal")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("a bundle was answered with HTTP %d: %.300s", res.StatusCode, raw)
	}
	return placesOf(raw)
}

func placesOf(answer []byte) ([]string, error) {
	var bundle struct {
		Entry []struct {
			Response struct{ Status, Location string }
		}
	}
	if err := json.Unmarshal(answer, &bundle); err != nil {
		return nil, err
	}
	var places []string
	for i, e := range bundle.Entry {
		if !strings.HasPrefix(e.Response.Status, "2") {
			return nil, fmt.Errorf("entry %d of a bundle was answered with %s", i, e.Response.Status)
		}
		if place, ok := place(e.Response.Location); ok && strings.HasPrefix(e.Response.Status, "201") {
			places = append(places, place)
		}
	}
	return places, nil
}

// place is Type/id of a location, with or without a base and a version.
func place(location string) (string, bool) {
	steps := strings.Split(strings.TrimSuffix(location, "/"), "/")
	for i, step := range steps {
		if step == "_history" && i >= 2 {
			return steps[i-2] + "/" + steps[i-1], true
		}
	}
	if len(steps) < 2 {
		return "", false
	}
	return strings.Join(steps[len(steps)-2:], "/"), true
}
