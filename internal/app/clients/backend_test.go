package clients

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2/clientcredentials"

	"tributary/config/program"
	"tributary/internal/store"
)

// cohort is the Group that warehouses export.
func (w *world) cohort() string {
	w.Helper()
	study, err := program.Default()
	if err != nil {
		w.Fatal(err)
	}
	return study.Cohort
}

func (w *world) registerWarehouse(id, keys string) {
	w.Helper()
	w.register(store.Client{ID: id, Purpose: store.PurposeResearch, Scopes: "system/*.rs", JWKS: keys, Groups: []string{w.cohort()}})
}

// assertion is what a backend service says of itself at the token endpoint (SMART
// App Launch 2.2, "Client Authentication: Asymmetric").
func (w *world) assertion(id string, key *jose.JSONWebKey) string {
	w.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		w.Fatal(err)
	}
	signed, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: id, Subject: id, Audience: jwt.Audience{w.provider().Endpoint().TokenURL}, ID: rand.Text(), Expiry: jwt.NewNumericDate(time.Now().Add(4 * time.Minute)),
	}).Serialize()
	if err != nil {
		w.Fatal(err)
	}
	return signed
}

// backend is x/oauth2's client of a backend service.
func (w *world) backend(id string, key *jose.JSONWebKey, scopes string) *clientcredentials.Config {
	w.Helper()
	return &clientcredentials.Config{TokenURL: w.provider().Endpoint().TokenURL, Scopes: strings.Fields(scopes), AuthStyle: 1, EndpointParams: url.Values{
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {w.assertion(id, key)},
	}}
}

// wholesale is what clients of Bulk Data ask for who want all that there is, by its
// names of SMART 1 (SMART App Launch 2.2, "Backend Services": more than is granted
// may be asked for).
const wholesale = "system/AllergyIntolerance.read system/CarePlan.read system/CareTeam.read system/Condition.read system/Coverage.read system/Device.read " +
	"system/DiagnosticReport.read system/DocumentReference.read system/Encounter.read system/EpisodeOfCare.read system/Goal.read system/Group.read " +
	"system/Immunization.read system/Location.read system/Medication.read system/MedicationDispense.read system/MedicationRequest.read system/Observation.read " +
	"system/Organization.read system/Patient.read system/Practitioner.read system/PractitionerRole.read system/Procedure.read system/Provenance.read " +
	"system/QuestionnaireResponse.read system/RelatedPerson.read system/ServiceRequest.read system/Specimen.read system/NoSuchType.read"

// TestBackendService: x/oauth2's client credentials with an assertion, by either
// algorithm, and what they may be used for.
func TestBackendService(t *testing.T) {
	w := newWorld(t)
	for _, algorithm := range []string{"ES384", "RS384"} {
		key := keyPair(t, algorithm)
		id := "warehouse-" + algorithm
		w.registerWarehouse(id, publicSet(t, key))
		c := w.backend(id, key, "system/*.rs")
		token, err := c.Token(t.Context())
		if err != nil || token.Extra("scope") != "system/*.rs" || token.RefreshToken != "" {
			t.Fatalf("%s: %+v, %v", algorithm, token, err)
		}
		if left := time.Until(token.Expiry); left > 5*time.Minute || left < 4*time.Minute {
			t.Errorf("%s: good for %s", algorithm, left)
		}
		if _, err := c.Token(t.Context()); refusal(err) != "invalid_client" {
			t.Errorf("%s: the assertion was good twice: %v", algorithm, err)
		}
		if status, _ := w.read("Patient", token.AccessToken); status != http.StatusForbidden {
			t.Errorf("%s: a warehouse searches: HTTP %d", algorithm, status)
		}
	}
}

// TestWholesaleScopes: a type that nobody knows does no harm to the others.
func TestWholesaleScopes(t *testing.T) {
	w := newWorld(t)
	key := keyPair(t, "ES384")
	w.registerWarehouse("warehouse", publicSet(t, key))
	token, err := w.backend("warehouse", key, wholesale).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	granted, _ := token.Extra("scope").(string)
	if got, want := len(strings.Fields(granted)), len(strings.Fields(wholesale))-1; got != want || strings.Contains(granted, "NoSuchType") {
		t.Errorf("%d scopes, not %d: %s", got, want, granted)
	}
	m := w.exports(token.AccessToken, "Group/"+w.cohort()+"/$export?_type=Patient,Observation")
	if m.TransactionTime.IsZero() || m.Error == nil || m.Output == nil {
		t.Errorf("manifest: %+v", m)
	}
}

// manifest is what clients of Bulk Data read of one (Bulk Data 2, "Response - Complete Status").
type manifest struct {
	TransactionTime     time.Time
	RequiresAccessToken bool
	Output, Error       []struct {
		Type, URL string
		Count     int
	}
}

// exports kicks off, polls, and reads every file.
func (w *world) exports(token, path string) (m manifest) {
	w.Helper()
	res := w.asks(token, w.fhir+"/"+path)
	status := res.Header.Get("Content-Location")
	if res.StatusCode != http.StatusAccepted || status == "" {
		w.Fatalf("kick-off: HTTP %d", res.StatusCode)
	}
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	for res = w.asks(token, status); res.StatusCode == http.StatusAccepted; res = w.asks(token, status) {
		select { // the client's own pace: Retry-After is for those who have time
		case <-ctx.Done():
			w.Fatal("the export does not end")
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil || res.StatusCode != http.StatusOK {
		w.Fatalf("manifest: HTTP %d, %v", res.StatusCode, err)
	}
	for _, file := range m.Output {
		if n := w.lines(token, file.URL, file.Type); n != file.Count {
			w.Errorf("%s: %d lines, not %d", file.Type, n, file.Count)
		}
	}
	return m
}

// asks asks as clients of Bulk Data do; the body has been read.
func (w *world) asks(token, target string) *http.Response {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, target, nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/fhir+json")
	r.Header.Set("Prefer", "respond-async")
	res, err := w.http.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res
}

// lines counts the resources of a file, all of one type.
func (w *world) lines(token, target, typ string) (n int) {
	w.Helper()
	res := w.asks(token, target)
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "application/fhir+ndjson" {
		w.Fatalf("file: HTTP %d, %s", res.StatusCode, got)
	}
	for s := bufio.NewScanner(res.Body); s.Scan(); n++ {
		var resource struct{ ResourceType string }
		if err := json.Unmarshal(s.Bytes(), &resource); err != nil || resource.ResourceType != typ {
			w.Errorf("a line of %s: %q, %v", typ, resource.ResourceType, err)
		}
	}
	return n
}
