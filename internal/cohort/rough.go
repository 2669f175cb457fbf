package cohort

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// How counts of people who were searched for are made rough: by as many as blur at
// most, then to the next multiple of round.
const (
	blur  = 10
	round = 10
)

// Rough is how many these people are, about: staff choose the criteria, so that the
// exact counts of two searches, with somebody and without, would tell what is true of
// that one. Nobody and few are told alike. From 21 on the count is off by up to ten, by
// chance, but always the same for the same people, however they were searched for: asking
// again tells nothing more. key is the service's own secret.
func Rough(key []byte, people []string) Cell {
	n := int64(len(people))
	if n < Floor {
		return Cell{Hidden: true}
	}
	n += chance(key, people)
	return Cell{N: max((n+round/2)/round*round, (Floor+round-1)/round*round)}
}

// chance is a number of -blur to blur that depends on which people these are, and not on
// their order.
func chance(key []byte, people []string) int64 {
	var all uint64
	for _, id := range people {
		one := hmac.New(sha256.New, key)
		one.Write([]byte(id))
		all ^= binary.BigEndian.Uint64(one.Sum(nil))
	}
	mixed := hmac.New(sha256.New, key)
	mixed.Write(binary.BigEndian.AppendUint64([]byte("set "), all))
	return int64(binary.BigEndian.Uint64(mixed.Sum(nil))%(2*blur+1)) - blur
}
