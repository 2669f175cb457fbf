package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"tributary/fhir"
	"tributary/internal/synth"
)

// person is a patient of the provider who will join.
type person struct {
	id                           string // at the provider
	given, family, birth, gender string
	held                         map[string]int
}

// bundle is what is read of a transaction bundle.
type bundle struct {
	Entry []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
}

type answer struct {
	Entry []struct {
		Response struct {
			Status   string `json:"status"`
			Location string `json:"location"`
		} `json:"response"`
	} `json:"entry"`
}

// loadProvider gives the sandbox its patients and chooses who will join:
// living adults, in the order of the files.
func (r *run) loadProvider(ctx context.Context) error {
	token, err := r.ProviderToken(ctx)
	if err != nil {
		return err
	}
	resources := 0
	err = r.bundles(func(raw []byte, patient bool) error {
		n, err := r.loadBundle(ctx, token, raw, patient)
		resources += n
		return err
	})
	if err != nil {
		return err
	}
	if len(r.providers) < r.Participants {
		return fmt.Errorf("the provider has %d adults who could join, %d are wanted", len(r.providers), r.Participants)
	}
	r.providers = r.providers[:r.Participants]
	r.say("  %d resources", resources)
	return nil
}

// bundles hands out the bundles, those named 0-* first.
func (r *run) bundles(each func(raw []byte, patient bool) error) error {
	if r.Data == "" {
		return r.synthetic(each)
	}
	files, err := filepath.Glob(filepath.Join(r.Data, "*.json"))
	if err != nil || len(files) == 0 {
		return errors.Join(fmt.Errorf("there are no bundles in %s", r.Data), err)
	}
	shared := func(f string) bool { return strings.HasPrefix(filepath.Base(f), "0-") }
	sort.SliceStable(files, func(i, j int) bool { return shared(files[i]) && !shared(files[j]) })
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := each(raw, !shared(f)); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(f), err)
		}
	}
	return nil
}

// synthetic makes patients until enough could join.
func (r *run) synthetic(each func(raw []byte, patient bool) error) error {
	g := synth.New(synth.Options{Seed: r.Seed})
	for _, b := range g.Infrastructure() {
		if err := each(b.JSON, false); err != nil {
			return err
		}
	}
	for i := 0; len(r.providers) < r.Participants && i < 3*r.Participants+10; i++ {
		if err := each(g.Patient(i).JSON, true); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) loadBundle(ctx context.Context, token string, raw []byte, patient bool) (int, error) {
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		return 0, err
	}
	var a answer
	if err := postBundle(ctx, r.ProviderFHIRBase(), token, raw, &a); err != nil {
		return 0, err
	}
	if len(a.Entry) != len(b.Entry) {
		return 0, fmt.Errorf("%d entries were sent and %d answered", len(b.Entry), len(a.Entry))
	}
	for i, e := range a.Entry {
		if !strings.HasPrefix(e.Response.Status, "2") {
			return 0, fmt.Errorf("entry %d: %s", i, e.Response.Status)
		}
	}
	if patient {
		return len(b.Entry), r.candidate(b, a)
	}
	return len(b.Entry), nil
}

// candidate adds the patient of a bundle if they could join.
func (r *run) candidate(b bundle, a answer) error {
	for i, e := range b.Entry {
		var p struct {
			ResourceType     string
			BirthDate        string
			Gender           string
			DeceasedDateTime string
			DeceasedBoolean  bool
			Name             []struct {
				Family string
				Given  []string
			}
		}
		if err := json.Unmarshal(e.Resource, &p); err != nil {
			return err
		}
		if p.ResourceType != "Patient" {
			continue
		}
		birth, err := time.Parse(time.DateOnly, p.BirthDate)
		adult := err == nil && birth.AddDate(18, 0, 1).Before(r.Now())
		if !adult || p.DeceasedBoolean || p.DeceasedDateTime != "" || len(p.Name) == 0 || len(p.Name[0].Given) == 0 {
			return nil
		}
		held, err := held(b, e.FullURL)
		_, id, _ := strings.Cut(a.Entry[i].Response.Location, "Patient/")
		id, _, _ = strings.Cut(id, "/")
		r.providers = append(r.providers, person{
			id: id, given: p.Name[0].Given[0], family: p.Name[0].Family, birth: p.BirthDate, gender: p.Gender, held: held,
		})
		return err
	}
	return nil
}

// belongs tells whether resources of a type belong to patients (R4,
// CompartmentDefinition/patient) and are shared by providers: not those that
// list other people, nor the provider's own trail.
func belongs(typ string) bool {
	return fhir.InPatientCompartment(typ) && typ != "Group" && typ != "Person" && typ != "AuditEvent"
}

// held counts what a bundle holds of its patient: the patient's compartment,
// and the Medications and Devices that it refers to.
func held(b bundle, patient string) (map[string]int, error) {
	counts, referred := map[string]int{}, map[string]bool{}
	others := map[string]string{} // fullUrl -> type
	for _, e := range b.Entry {
		var v map[string]any
		if err := json.Unmarshal(e.Resource, &v); err != nil {
			return nil, err
		}
		typ, _ := v["resourceType"].(string)
		refs := map[string]bool{}
		references(v, refs)
		switch {
		case typ == "Patient" && e.FullURL == patient:
			counts[typ]++
		case isShared(typ):
			others[e.FullURL] = typ
		case belongs(typ) && refs[patient]:
			counts[typ]++
			for ref := range refs {
				referred[ref] = true
			}
		}
	}
	for ref := range referred {
		if typ := others[ref]; typ != "" {
			counts[typ]++
		}
	}
	return counts, nil
}

func references(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["reference"].(string); ok {
			into[ref] = true
		}
		for _, child := range v {
			references(child, into)
		}
	case []any:
		for _, child := range v {
			references(child, into)
		}
	}
}

func postBundle(ctx context.Context, base, token string, raw []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Prefer", "return=minimal")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d: %.500s", res.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}

var client = &http.Client{Timeout: 5 * time.Minute}
