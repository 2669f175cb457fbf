package browsertest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/store"
)

// looksAtData goes through all that is kept: by day, searched, one record, charts, to
// take along, who has seen it and which research it went into.
func (b *tab) looksAtData() {
	b.Helper()
	b.visit("/data", "data")
	if b.count(`[data-origin="ehr"]`) == 0 || b.count(`[data-origin="measurement"]`) == 0 {
		b.Error("the timeline has nothing of a provider, or nothing of the study")
	}
	b.finds("zzzz", false)
	b.finds("pressure", true)
	b.visit("/data", "data")
	b.press(`[data-origin="ehr"] a`, "data-record")
	b.visit("/data/charts", "data-charts")
	b.press("[data-quantity] a", "data-chart")
	if b.count("svg.chart circle") == 0 || b.count("tbody tr") == 0 {
		b.Error("the chart has no point, or its table no row")
	}
	b.takesAlong()
	b.visit("/data/releases", "data-releases")
	if b.count(`[data-release="registered"]`) != 1 {
		b.Error("the release is not told")
	}
	b.visit("/security/seen", "trail")
	if b.count(`[data-use="research"]`) == 0 || b.count(`[data-use="team"]`) == 0 {
		b.Error("neither research nor the team has seen anything")
	}
	b.visit("/apps", "apps")
}

// finds looks for a word. What was stored just now can be found a moment later.
func (b *tab) finds(word string, there bool) {
	b.Helper()
	for started := time.Now(); ; {
		b.fill("words", word)
		b.press(`form[role="search"] button`, "data")
		if b.count("[data-type]") > 0 == there {
			return
		}
		if time.Since(started) > patience {
			b.Fatalf("that %q is found is %v", word, !there)
		}
	}
}

// takesAlong gets everything as a file for computers and as one to read.
func (b *tab) takesAlong() {
	b.Helper()
	b.visit("/data/take", "data-take")
	raw, err := os.ReadFile(b.download(`a[href="/data/take/bundle"]`))
	if err != nil {
		b.Fatal(err)
	}
	var bundle struct {
		ResourceType string
		Entry        []struct{ Resource struct{ ResourceType string } }
	}
	if err := json.Unmarshal(raw, &bundle); err != nil || bundle.ResourceType != "Bundle" || len(bundle.Entry) < 20 {
		b.Errorf("the file for computers is a %q of %d, %v", bundle.ResourceType, len(bundle.Entry), err)
	}
	raw, err = os.ReadFile(b.download(`a[href="/data/take/pdf"]`))
	if err != nil || !strings.HasPrefix(string(raw), "%PDF-") {
		b.Errorf("the file to read is %.20q, %v", raw, err)
	}
}

// warehouse is a research warehouse, which signs for its tokens.
const warehouse = "journey-warehouse"

// release pulls what everybody's consent allows, as a research warehouse does.
func (w *world) release(t *testing.T) {
	t.Helper()
	token := w.researcher(t)
	res := w.pull(t, token, w.base+"/fhir/R4/Group/"+w.study.Cohort+"/$export")
	if res.StatusCode != http.StatusAccepted {
		t.Fatalf("the export: HTTP %d", res.StatusCode)
	}
	status, again := res.Header.Get("Content-Location"), time.NewTicker(100*time.Millisecond)
	defer again.Stop()
	for started := time.Now(); res.StatusCode == http.StatusAccepted; res = w.pull(t, token, status) {
		if time.Since(started) > patience {
			t.Fatal("the export does not end")
		}
		<-again.C
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the export's status: HTTP %d", res.StatusCode)
	}
}

func (w *world) pull(t *testing.T, token, target string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Accept": {"application/fhir+json"}, "Prefer": {"respond-async"}, "Authorization": {"Bearer " + token}}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res
}

// researcher registers the warehouse and gets it a token.
func (w *world) researcher(t *testing.T) (token string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES384", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.service.RegisterClient(context.Background(), store.Client{ID: warehouse, Name: "Lakeside Warehouse", Purpose: store.PurposeResearch, JWKS: string(keys), Groups: []string{w.study.Cohort}, Scopes: "system/*.rs"})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES384, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	asks := w.base + "/auth/token"
	assertion, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: warehouse, Subject: warehouse, Audience: jwt.Audience{asks}, ID: rand.Text(), Expiry: jwt.NewNumericDate(time.Now().Add(time.Minute))}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.PostForm(asks, url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("no token: HTTP %d, %v", res.StatusCode, err)
	}
	return answer.Token
}
