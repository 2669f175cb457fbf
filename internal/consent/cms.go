package consent

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// A detached signature is CMS (RFC 5652) as CAdES and PAdES ask for it at their
// baseline level B-B (ETSI EN 319 122-1, EN 319 142-1): the signed attributes are
// the type and the digest of the content and the certificate that signs (RFC 5035),
// and no signing time, which stands in the PDF itself.

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSA         = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content signedData `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated struct{ Type asn1.ObjectIdentifier }
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type signerInfo struct {
	Version    int
	Issuer     issuerAndSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// signingCertificate is SigningCertificateV2 with the default hash, SHA-256.
type signingCertificate struct{ Certificates []certificateID }

type certificateID struct{ Hash []byte }

// algorithmOf names the signature that a key makes over a SHA-256.
func algorithmOf(key crypto.Signer) (pkix.AlgorithmIdentifier, error) {
	switch key.Public().(type) {
	case *ecdsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidECDSA}, nil
	case *rsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, nil
	}
	return pkix.AlgorithmIdentifier{}, fmt.Errorf("consent: no signatures with a key of type %T", key.Public())
}

// detached signs content as CMS without carrying it.
func (s Signer) detached(content []byte) ([]byte, error) {
	algorithm, err := algorithmOf(s.Key)
	if err != nil {
		return nil, err
	}
	attributes, err := signedAttributes(content, s.Certificate)
	if err != nil {
		return nil, err
	}
	// What is signed is the SET; in the message its tag is [0].
	digest := sha256.Sum256(wrap(asn1.ClassUniversal, asn1.TagSet, attributes))
	signature, err := s.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	hash := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	data := signedData{Version: 1, Digests: []pkix.AlgorithmIdentifier{hash},
		Certificates: asn1.RawValue{FullBytes: wrap(asn1.ClassContextSpecific, 0, s.Certificate.Raw)},
		Signers: []signerInfo{{Version: 1, Digest: hash, Algorithm: algorithm, Signature: signature,
			Issuer:     issuerAndSerial{asn1.RawValue{FullBytes: s.Certificate.RawIssuer}, s.Certificate.SerialNumber},
			Attributes: asn1.RawValue{FullBytes: wrap(asn1.ClassContextSpecific, 0, attributes)}}}}
	data.Encapsulated.Type = oidData
	return asn1.Marshal(contentInfo{oidSignedData, data})
}

// signedAttributes are the attributes in DER, in the order of a SET OF.
func signedAttributes(content []byte, certificate *x509.Certificate) ([]byte, error) {
	digest, fingerprint := sha256.Sum256(content), sha256.Sum256(certificate.Raw)
	var all [][]byte
	for _, a := range []struct {
		typ   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData}, {oidMessageDigest, digest[:]}, {oidCertificateV2, signingCertificate{[]certificateID{{fingerprint[:]}}}},
	} {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		one, err := asn1.Marshal(attribute{a.typ, []asn1.RawValue{{FullBytes: value}}})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(all, nil), nil
}

// wrap puts DER into a constructed value.
func wrap(class, tag int, content []byte) []byte {
	out, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: content})
	if err != nil {
		panic("consent: bytes of DER are wrapped: " + err.Error())
	}
	return out
}
