package fhirserver

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// cursorParam carries the place where a page begins.
const cursorParam = "_cursor"

const macSize = 16

// seal makes a cursor opaque, and good for one search of one actor only.
func (s *Server) seal(c *store.Cursor, search string) (string, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(s.mac(plain, search), plain...)), nil
}

// unseal is the inverse; a cursor of another search, or a changed one, is Invalid.
func (s *Server) unseal(text, search string) (*store.Cursor, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) <= macSize || !hmac.Equal(sealed[:macSize], s.mac(sealed[macSize:], search)) {
		return nil, errs.New(errs.Invalid, "the page link does not belong to this search; begin anew without %s", cursorParam)
	}
	var c store.Cursor
	decoder := json.NewDecoder(bytes.NewReader(sealed[macSize:]))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the page link is damaged")
	}
	return &c, nil
}

func (s *Server) mac(plain []byte, search string) []byte {
	h := hmac.New(sha256.New, s.config.CursorKey)
	h.Write([]byte(search))
	h.Write([]byte{0})
	h.Write(plain)
	return h.Sum(nil)[:macSize]
}

// scope is what a cursor belongs to: who searches, where, by which parameters.
func (r *request) scope(where, query string) string {
	return string(r.actor.Role) + "\x00" + r.actor.ID + "\x00" + r.actor.Client + "\x00" + where + "\x00" + query
}
