package session

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// tokenBytes is the entropy of a token: 256 bits.
const tokenBytes = 32

// NewToken makes a random token of 256 bits, as URL-safe text.
func NewToken(random io.Reader) (string, error) {
	var b [tokenBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("session: no randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// Key is the key under which what belongs to a token is kept: a kind, and the
// token's SHA-256. Whoever reads the store cannot use what is in it.
func Key(kind, token string) string {
	sum := sha256.Sum256([]byte(token))
	return kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:])
}
