package demo

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// warehouse is a research client: SMART Backend Services and Bulk Data.
type warehouse struct {
	id, group, base, tokenURL string
	key                       *ecdsa.PrivateKey
	token                     string
	expires                   time.Time
	first                     *manifest // of the export before the withdrawal
}

const warehouseID = "demo-warehouse"

func (r *run) newWarehouse(ctx context.Context) (*warehouse, error) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, err
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES384", Use: "sig"}}})
	if err != nil {
		return nil, err
	}
	w := &warehouse{id: warehouseID, base: r.FHIRBase(), key: key}
	if w.group, err = r.RegisterWarehouse(ctx, w.id, set); err != nil {
		return nil, err
	}
	var smart struct {
		Token string `json:"token_endpoint"`
	}
	if _, err := w.get(ctx, w.base+"/.well-known/smart-configuration", &smart); err != nil {
		return nil, err
	}
	w.tokenURL = smart.Token
	return w, nil
}

// authorize gets an access token with a signed assertion (SMART Backend Services).
func (w *warehouse) authorize(ctx context.Context) error {
	if time.Now().Before(w.expires) {
		return nil
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES384, Key: jose.JSONWebKey{Key: w.key, KeyID: "1"}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return err
	}
	jti := make([]byte, 16)
	if _, err := rand.Read(jti); err != nil {
		return err
	}
	assertion, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: w.id, Subject: w.id, Audience: jwt.Audience{w.tokenURL}, ID: fmt.Sprintf("%x", jti),
		Expiry: jwt.NewNumericDate(time.Now().Add(4 * time.Minute)),
	}).Serialize()
	if err != nil {
		return err
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.tokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token   string `json:"access_token"`
		Expires int    `json:"expires_in"`
	}
	if err := ask(req, &answer, http.StatusOK); err != nil {
		return err
	}
	w.token, w.expires = answer.Token, time.Now().Add(time.Duration(answer.Expires)*time.Second/2)
	return nil
}

// ask sends a request and reads the JSON of an answer with the wanted status.
func ask(req *http.Request, into any, want int) error {
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != want {
		return fmt.Errorf("%s: HTTP %d: %.500s", req.URL.Path, res.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}

func (w *warehouse) request(ctx context.Context, target string) (*http.Request, error) {
	if w.tokenURL != "" {
		if err := w.authorize(ctx); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err == nil && w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	return req, err
}

// get returns the status; JSON of a 200 goes into into, when there is one.
func (w *warehouse) get(ctx context.Context, target string, into any) (int, error) {
	req, err := w.request(ctx, target)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || into == nil {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}

// manifest is the part of a Bulk Data manifest that is used here.
type manifest struct {
	TransactionTime time.Time `json:"transactionTime"`
	Output          []struct {
		Type  string `json:"type"`
		URL   string `json:"url"`
		Count int    `json:"count"`
	} `json:"output"`
	Error []struct {
		URL string `json:"url"`
	} `json:"error"`
	raw    json.RawMessage
	status string
}

// export runs a whole export and returns its manifest.
func (w *warehouse) export(ctx context.Context) (*manifest, error) {
	req, err := w.request(ctx, w.base+"/Group/"+w.group+"/$export")
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/fhir+json")
	req.Header.Set("Prefer", "respond-async")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusAccepted {
		return nil, fmt.Errorf("kick-off: HTTP %d: %.500s", res.StatusCode, body)
	}
	status := res.Header.Get("Content-Location")
	for {
		var raw json.RawMessage
		code, err := w.get(ctx, status, &raw)
		switch {
		case err != nil:
			return nil, err
		case code == http.StatusOK:
			m := &manifest{raw: raw, status: status}
			return m, json.Unmarshal(raw, m)
		case code != http.StatusAccepted:
			return nil, fmt.Errorf("export status: HTTP %d", code)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// download writes every file of the manifest into a folder, with the manifest.
func (w *warehouse) download(ctx context.Context, m *manifest, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), m.raw, 0o644); err != nil {
		return err
	}
	for i, out := range m.Output {
		name := fileName(out.Type, i)
		n, err := w.save(ctx, out.URL, filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(out.URL), err)
		}
		if n != out.Count {
			return fmt.Errorf("%s has %d lines, its manifest says %d", name, n, out.Count)
		}
	}
	return nil
}

// fileName is where the i-th file of a manifest is written.
func fileName(typ string, i int) string { return fmt.Sprintf("%s.%d.ndjson", typ, i) }

func (w *warehouse) save(ctx context.Context, target, file string) (lines int, err error) {
	req, err := w.request(ctx, target)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("HTTP %d", res.StatusCode)
	}
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	counter := &lineCounter{}
	if _, err := io.Copy(io.MultiWriter(f, counter), res.Body); err != nil {
		return 0, err
	}
	return counter.n, f.Close()
}

type lineCounter struct{ n int }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.n += bytes.Count(p, []byte{'\n'})
	return len(p), nil
}

// lines reads the NDJSON files of a folder.
func lines(dir string, each func(typ string, line []byte) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		return err
	}
	for _, file := range files {
		typ, _, _ := strings.Cut(filepath.Base(file), ".")
		if err := linesOf(file, func(line []byte) error { return each(typ, line) }); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

func linesOf(file string, each func(line []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		if err := each(s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}
