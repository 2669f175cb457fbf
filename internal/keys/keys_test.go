package keys

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.json")
	if _, err := Open(path, false); err == nil {
		t.Fatal("opened a file that is not there")
	}
	first, err := Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Seal([]byte("secret"), []byte("owner"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, []byte("owner")); err != nil || string(plain) != "secret" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := again.Open(sealed, []byte("another")); err == nil {
		t.Error("a sealed value opened for another owner")
	}
	if !bytes.Equal(first.Derive("a"), again.Derive("a")) || bytes.Equal(first.Derive("a"), first.Derive("b")) {
		t.Error("derived keys")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestSigner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "seal.pem")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first, err := OpenSigner(path, "Study seal", true, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenSigner(path, "Study seal", false, now)
	if err != nil {
		t.Fatal(err)
	}
	if !first.Certificate.Equal(again.Certificate) || again.Certificate.Subject.CommonName != "Study seal" {
		t.Error("another certificate")
	}
}
