// Package paging makes the places where pages begin opaque to clients.
//
// A cursor is encrypted, not just signed: in a sorted search it holds values, such
// as a name, and links end up in logs. It is good for one search of one actor only:
// the scope under which it was sealed must be told again when it is opened.
//
// Neighbours: internal/fhirserver puts cursors into the links of Bundles,
// internal/graphql into Connections.
package paging

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// Cursors seals and opens; it is safe for concurrent use.
type Cursors struct{ aead cipher.AEAD }

// New takes a key of 32 bytes (AES-256-GCM), the same in all processes of a service.
func New(key []byte) (*Cursors, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &Cursors{aead}, err
}

// Seal makes text of a cursor, or of what holds one.
func (c *Cursors) Seal(cursor any, scope string) (string, error) {
	plain, err := json.Marshal(cursor)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, c.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nonce, nonce, plain, []byte(scope))), nil
}

// Open is the inverse; a cursor of another scope, or a changed one, is Invalid.
func (c *Cursors) Open(text, scope string) (*store.Cursor, error) {
	var cursor store.Cursor
	if err := c.OpenInto(text, scope, &cursor); err != nil {
		return nil, err
	}
	return &cursor, nil
}

// OpenInto is Open for what holds a cursor.
func (c *Cursors) OpenInto(text, scope string, cursor any) error {
	foreign := errs.New(errs.Invalid, "the page link does not belong to this search; begin anew without _cursor")
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	size := c.aead.NonceSize()
	if err != nil || len(sealed) <= size {
		return foreign
	}
	plain, err := c.aead.Open(nil, sealed[:size], sealed[size:], []byte(scope))
	if err != nil {
		return foreign
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	if err := decoder.Decode(cursor); err != nil {
		return errs.Wrap(err, errs.Invalid, "the page link is damaged")
	}
	return nil
}
