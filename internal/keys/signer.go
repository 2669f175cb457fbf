package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"
)

// Signer is a certificate with its private key, for signing documents.
type Signer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// signerYears is how long a self-made certificate is good.
const signerYears = 10

// OpenSigner reads a certificate and its key (PEM, PKCS #8) from one file. With
// create, a missing file is made with a certificate that vouches for itself;
// readers of a signed document then see that it is intact, not who signed it.
func OpenSigner(path, name string, create bool, now time.Time) (Signer, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if raw, err = selfSigned(name, now); err == nil {
			if err = place(path, raw); errors.Is(err, fs.ErrExist) {
				raw, err = os.ReadFile(path)
			}
		}
	}
	if err != nil {
		return Signer{}, fmt.Errorf("signing key: %w", err)
	}
	return parseSigner(raw)
}

func selfSigned(name string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(signerYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}

func parseSigner(raw []byte) (s Signer, err error) {
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			if s.Certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
				return s, fmt.Errorf("signing key: %w", err)
			}
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return s, fmt.Errorf("signing key: %w", err)
			}
			s.Key, _ = key.(crypto.Signer)
		}
	}
	if s.Certificate == nil || s.Key == nil {
		return s, errors.New("signing key: the file needs a CERTIFICATE and a PRIVATE KEY")
	}
	return s, nil
}
