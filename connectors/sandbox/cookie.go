package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// key signs the user's name in the cookie, for the life of a server.
type key []byte

func newKey(r io.Reader) (key, error) {
	k := make(key, sha256.Size)
	if _, err := io.ReadFull(r, k); err != nil {
		return nil, fmt.Errorf("sandbox: a key for cookies: %w", err)
	}
	return k, nil
}

func (k key) sign(text string) string {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (k key) seal(user string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(user))
	return text + "." + k.sign(text)
}

// unseal returns the user's name, "" for a cookie that was not made here.
func (k key) unseal(cookie string) string {
	text, mac, _ := strings.Cut(cookie, ".")
	if !hmac.Equal([]byte(mac), []byte(k.sign(text))) {
		return ""
	}
	user, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(user)
}
