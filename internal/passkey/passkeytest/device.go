// Package passkeytest is a device with passkeys, in software, for tests: it answers
// the options of a page as a browser with an authenticator does.
package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Device holds one passkey. The exported fields may be bent between answers.
type Device struct {
	Origin     string
	RPID       string
	Counter    uint32 // of signatures; counts up with each
	Unverified bool   // nobody showed a finger, a face or a PIN
	ID         []byte
	Handle     []byte // of the user, as the page gave it
	t          testing.TB
	key        *ecdsa.PrivateKey
}

// New makes a device for an origin.
func New(t testing.TB, origin, rpID string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Device{Origin: origin, RPID: rpID, ID: []byte(rand.Text()), t: t, key: key, Counter: 1}
}

type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (d *Device) read(raw any) (o options) {
	d.t.Helper()
	text, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil || o.PublicKey.Challenge == "" {
		d.t.Fatalf("no options: %s (%v)", text, err)
	}
	return o
}

// clientData is what the browser says.
func (d *Device) clientData(kind, challenge string) []byte {
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

const userPresent, userVerified, attested = 0x01, 0x04, 0x40

// data is the authenticator's (WebAuthn, section 6.1).
func (d *Device) data(flags byte) []byte {
	if flags |= userPresent; !d.Unverified {
		flags |= userVerified
	}
	hash := sha256.Sum256([]byte(d.RPID))
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.Counter)
	d.Counter++
	return out
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *Device) answer(response map[string]any) []byte {
	raw, err := json.Marshal(map[string]any{"id": text(d.ID), "rawId": text(d.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

func (d *Device) cbor(v any) []byte {
	raw, err := webauthncbor.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// Create answers options for a new passkey.
func (d *Device) Create(raw any) []byte {
	d.t.Helper()
	o := d.read(raw)
	var err error
	if d.Handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID); err != nil {
		d.t.Fatal(err)
	}
	data := append(d.data(attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.ID)))
	data = append(data, d.ID...)
	public, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	data = append(data, d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})...)
	attestation := d.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return d.answer(map[string]any{"clientDataJSON": text(d.clientData("webauthn.create", o.PublicKey.Challenge)), "attestationObject": text(attestation)})
}

// Get answers options for the use of the passkey.
func (d *Device) Get(raw any) []byte {
	d.t.Helper()
	client, data := d.clientData("webauthn.get", d.read(raw).PublicKey.Challenge), d.data(0)
	said := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), said[:]...))
	signature, err := d.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": text(d.Handle)})
}
