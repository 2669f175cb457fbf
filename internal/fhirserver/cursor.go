package fhirserver

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

// cursorParam carries the place where a page begins.
const cursorParam = "_cursor"

// seal makes a cursor opaque, and good for one search of one actor only. It is
// encrypted, not just signed: in a sorted search it holds values, such as a name,
// and links end up in logs.
func (s *Server) seal(c *store.Cursor, search string) (string, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.cursors.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.cursors.Seal(nonce, nonce, plain, []byte(search))), nil
}

// unseal is the inverse; a cursor of another search, or a changed one, is Invalid.
func (s *Server) unseal(text, search string) (*store.Cursor, error) {
	foreign := errs.New(errs.Invalid, "the page link does not belong to this search; begin anew without %s", cursorParam)
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	size := s.cursors.NonceSize()
	if err != nil || len(sealed) <= size {
		return nil, foreign
	}
	plain, err := s.cursors.Open(nil, sealed[:size], sealed[size:], []byte(search))
	if err != nil {
		return nil, foreign
	}
	var c store.Cursor
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the page link is damaged")
	}
	return &c, nil
}

// newCursors is the cipher of page links; the key has 32 bytes (AES-256-GCM).
func newCursors(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// scope is what a cursor belongs to: who searches, where, by which parameters.
func (r *request) scope(where, query string) string {
	return string(r.actor.Role) + "\x00" + r.actor.ID + "\x00" + r.actor.Client + "\x00" + where + "\x00" + query
}
