package synth

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// source is the stream of random numbers of one patient.
type source struct{ *rand.Rand }

// newSource gives each pair of seed and stream its own sequence.
func newSource(seed, stream uint64) source {
	return source{rand.New(rand.NewPCG(scramble(seed), scramble(stream+0x9e3779b97f4a7c15)))}
}

// scramble is SplitMix64's finalizer: neighbouring numbers become unrelated.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (s source) chance(p float64) bool { return s.Float64() < p }

func (s source) between(lo, hi float64) float64 { return lo + s.Float64()*(hi-lo) }

// normal draws from a normal distribution cut off at three deviations, so
// that no measurement is impossible.
func (s source) normal(mean, deviation float64) float64 {
	return mean + deviation*math.Max(-3, math.Min(3, s.NormFloat64()))
}

// days is a duration between lo and hi days, in whole minutes.
func (s source) days(lo, hi float64) time.Duration {
	return time.Duration(s.between(lo, hi) * float64(day)).Truncate(time.Minute)
}

func (s source) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + s.IntN(10))
	}
	return string(b)
}

// uuid is a random (version 4) UUID.
func (s source) uuid() string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], s.Uint64())
	binary.BigEndian.PutUint64(raw[8:], s.Uint64())
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	text := hex.AppendEncode(make([]byte, 0, 36), raw[:])
	for _, at := range [...]int{8, 13, 18, 23} {
		text = slices.Insert(text, at, '-')
	}
	return string(text)
}

func pick[T any](s source, of []T) T { return of[s.IntN(len(of))] }

// weighted is a value that is drawn weight times as often as one of weight 1.
type weighted[T any] struct {
	weight float64
	value  T
}

func pickWeighted[T any](s source, of []weighted[T]) T {
	var sum float64
	for _, w := range of {
		sum += w.weight
	}
	at := s.Float64() * sum
	for _, w := range of {
		if at -= w.weight; at < 0 {
			return w.value
		}
	}
	return of[len(of)-1].value
}

const (
	day  = 24 * time.Hour
	year = 8766 * time.Hour // 365.25 days
)
