package search

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// Key is the storage key of a resource: a pure function of its type and id, so
// that no table has to be asked for it, a reference can be indexed by the key of
// its target before the target is there, and every table can be distributed by it.
//
// An id that this service minted for the type carries its key: 41 bits of
// milliseconds since 2020, 12 bits of counter, 10 bits of node, a non-negative
// number ordered by time. Any other id has a negative key, its 63-bit hash. The
// store compares the id on every read, so a collision is refused, never confused.
type Key int64

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// KeyOf returns the key of the resource typ/id.
func KeyOf(typ, id string) Key {
	if ms, counter, node, ok := minted(typ, id); ok {
		return keyOf(ms, counter, node)
	}
	return Key(Hash(typ, "/", id) | -1<<63)
}

// KeyAt is the least key that is minted at a time: keys of ids that are minted
// later are not less.
func KeyAt(t time.Time) Key { return Key(max(t.UnixMilli()-epoch, 0) << 22) }

// MintedAt is the time, in milliseconds, at which a key was minted.
func (k Key) MintedAt() time.Time { return time.UnixMilli(int64(k>>22) + epoch).UTC() }

// Hash is the 64-bit FNV-1a of the parts joined, mixed once more so that its
// low bits spread; the hash of tokens, absolute references and criteria.
func Hash(parts ...string) int64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		for i := 0; i < len(p); i++ {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return int64(h)
}

// IDs mints ids: UUIDs of version 7 (RFC 9562) whose counter, node number and a
// 20-bit check of the type are in the random part, beside 32 random bits.
type IDs struct {
	node  int64
	now   func() time.Time
	mu    sync.Mutex
	ms    int64
	count int64
}

// NewIDs returns a source of ids for one process; node (0–1023) is unique among
// the processes that write to one database.
func NewIDs(node int, now func() time.Time) *IDs { return &IDs{node: int64(node & 1023), now: now} }

// SetNode changes the node number, for a process whose lease of it was lost.
func (g *IDs) SetNode(node int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.node = int64(node & 1023)
}

// New mints an id for a resource of the type.
func (g *IDs) New(typ string) string {
	id, _ := g.Keyed(typ)
	return id
}

// Keyed is New with the key that the id carries.
func (g *IDs) Keyed(typ string) (string, Key) {
	ms, counter, node := g.tick()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(ms)<<16|0x7000|uint64(counter))
	binary.BigEndian.PutUint64(b[8:], 1<<63|uint64(node)<<52|uint64(check(typ, ms, counter, node))<<32)
	if _, err := rand.Read(b[12:]); err != nil {
		panic(err) // the system's randomness does not fail
	}
	return format(b), keyOf(ms, counter, node)
}

func keyOf(ms, counter, node int64) Key { return Key((ms-epoch)<<22 | counter<<10 | node) }

func (g *IDs) tick() (ms, counter, node int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ms = g.now().UnixMilli(); ms > g.ms {
		g.ms, g.count = ms, 0
	} else if g.count++; g.count == 1<<12 {
		g.ms, g.count = g.ms+1, 0 // runs ahead of the clock rather than repeat
	}
	return g.ms, g.count, g.node
}

// check is 20 bits of the 32-bit FNV-1a of the type and the key.
func check(typ string, ms, counter, node int64) uint32 {
	const prime = 16777619
	h := uint32(2166136261)
	for i := range len(typ) {
		h = (h ^ uint32(typ[i])) * prime
	}
	key := uint64(ms<<22 | counter<<10 | node)
	for shift := 56; shift >= 0; shift -= 8 {
		h = (h ^ uint32(byte(key>>shift))) * prime
	}
	return h & 0xfffff
}

func format(b [16]byte) string {
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// minted takes apart an id that New made for the type.
func minted(typ, id string) (ms, counter, node int64, ok bool) {
	if len(id) != 36 || id[14] != '7' || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return 0, 0, 0, false
	}
	high, ok := digits(id[:8], id[9:13], id[14:18])
	if !ok {
		return 0, 0, 0, false
	}
	low, ok := digits(id[19:23], id[24:])
	if !ok {
		return 0, 0, 0, false
	}
	ms, counter, node = int64(high>>16), int64(high&0xfff), int64(low>>52&0x3ff)
	ok = low>>62 == 2 && ms >= epoch && ms-epoch < 1<<41 && uint32(low>>32&0xfffff) == check(typ, ms, counter, node)
	return ms, counter, node, ok
}

// digits reads hexadecimal ones, in small letters.
func digits(parts ...string) (n uint64, ok bool) {
	for _, part := range parts {
		for i := range len(part) {
			switch c := part[i]; {
			case '0' <= c && c <= '9':
				n = n<<4 | uint64(c-'0')
			case 'a' <= c && c <= 'f':
				n = n<<4 | uint64(c-'a'+10)
			default:
				return 0, false
			}
		}
	}
	return n, true
}
