// Package keys holds the secrets of an installation, in one file that only its
// owner may read: an AEAD keyset (Tink, so that it can be rotated) which seals
// what is secret at rest, such as provider tokens, TOTP secrets and research
// ids; and a root from which the keys of hashes and signatures are derived, one
// for each purpose, so that no two uses share one.
//
// Sealed values are bound to their owner by associated data: a row copied to
// another owner does not open.
//
// Neighbours: internal/app opens the ring and hands out what each package needs.
package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Ring seals, opens and derives. It is safe for concurrent use.
type Ring struct {
	aead tink.AEAD
	root []byte
}

type document struct {
	Keyset json.RawMessage `json:"keyset"`
	Root   []byte          `json:"root"`
}

// Open reads the ring from its file. With create, a missing file is made.
func Open(path string, create bool) (*Ring, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if raw, err = generate(path); errors.Is(err, fs.ErrExist) {
			raw, err = os.ReadFile(path) // another process was first
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return parse(raw)
}

func parse(raw []byte) (*Ring, error) {
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(d.Root) < 32 {
		return nil, errors.New("key file: the root has fewer than 32 bytes")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(d.Keyset)))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return &Ring{aead: primitive, root: d.Root}, nil
}

// generate writes a new file whole or not at all, and never over another.
func generate(path string) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var set bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&set)); err != nil {
		return nil, err
	}
	root := make([]byte, 32)
	if _, err := rand.Read(root); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(document{Keyset: set.Bytes(), Root: root})
	if err != nil {
		return nil, err
	}
	return raw, place(path, raw)
}

func place(path string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(raw); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// Seal encrypts plain and binds it to the associated data.
func (r *Ring) Seal(plain, associated []byte) ([]byte, error) {
	return r.aead.Encrypt(plain, associated)
}

// Open decrypts what Seal made with the same associated data.
func (r *Ring) Open(sealed, associated []byte) ([]byte, error) {
	return r.aead.Decrypt(sealed, associated)
}

// Derive returns the 32-byte key of a purpose (HKDF-SHA-256, RFC 5869).
func (r *Ring) Derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, r.root, nil, purpose, 32)
	if err != nil {
		panic(err) // only for lengths that are too great
	}
	return key
}
