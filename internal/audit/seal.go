package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// link is what a seal holds of a row.
type link struct {
	key    search.Key
	digest [sha256.Size]byte
}

// linksOf makes the links of rows.
func linksOf(rows []store.AuditRow) []link {
	links, b := make([]link, len(rows)), make([]byte, 0, 512)
	for i, r := range rows {
		b = numbers(b[:0], int64(r.Key), store.Micros(r.At), r.Actor, r.Patient, r.Resource, r.Chain)
		links[i] = link{r.Key, sha256.Sum256(append(b, r.Facts...))}
	}
	return links
}

func numbers(b []byte, all ...int64) []byte {
	for _, n := range all {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

// head is where a chain goes on.
type head struct {
	seq  int64
	last search.Key
	hash []byte // of the seal of that number; nil before the first
}

func headOf(s store.AuditSeal) head { return head{s.Seq, s.Last, s.Hash} }

// headIn is a head as a look-up found it; none is the beginning.
func headIn(s store.AuditSeal, err error) (head, error) {
	if errors.Is(err, store.ErrNotFound) {
		return head{}, nil
	}
	return headOf(s), err
}

// sealed makes the seal that follows a head.
func (h head) sealed(key []byte, chain int64, at time.Time, kind store.AuditSealKind, links []link) store.AuditSeal {
	s := store.AuditSeal{Chain: chain, Seq: h.seq + 1, First: h.last, Last: h.last, Count: int64(len(links)), At: at, Kind: kind}
	content := sha256.New()
	for i := range links {
		content.Write(links[i].digest[:])
	}
	if s.Content = content.Sum(nil); len(links) > 0 {
		s.First, s.Last = links[0].key, links[len(links)-1].key
	}
	s.Hash = hashOf(s, h.hash)
	s.MAC = mac(key, "seal", s.Hash)
	return s
}

func hashOf(s store.AuditSeal, before []byte) []byte {
	h := sha256.New()
	h.Write(numbers(nil, s.Chain, s.Seq, int64(s.First), int64(s.Last), s.Count, store.Micros(s.At), int64(s.Kind)))
	h.Write(s.Content)
	h.Write(before)
	return h.Sum(nil)
}

// mac is of one use of the key.
func mac(key []byte, use string, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(use))
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// chainMAC vouches for a chain's beginning, and for that of the one before.
func chainMAC(key []byte, c store.AuditChain, before []byte) []byte {
	return mac(key, "chain", numbers(nil, c.ID, c.N, store.Micros(c.Began)), before)
}
