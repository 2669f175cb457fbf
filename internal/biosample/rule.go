package biosample

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	study "tributary/config/program"
)

// About is what the rules ask of a person.
type About struct {
	Patient       string
	Born          time.Time
	Site          string
	Circumstances map[string]bool
}

// Why a kit is not asked for.
type Why string

// The reasons, in the order in which they are looked at.
const (
	Asked        Why = ""
	OtherSite    Why = "site"
	TooYoung     Why = "age"
	Circumstance Why = "circumstance"
	NotInShare   Why = "share"
	StandsIn     Why = "stands-in" // only where another kit is not possible
)

// WhyNot holds a kit's rule against a person; Asked: it is asked for.
func WhyNot(k study.Kit, a About, now time.Time) Why {
	switch {
	case k.InsteadOf != "":
		return StandsIn
	case len(k.Asks.Sites) > 0 && !slices.Contains(k.Asks.Sites, a.Site):
		return OtherSite
	case now.Before(a.Born.AddDate(k.Asks.MinAge, 0, 0)):
		return TooYoung
	case slices.ContainsFunc(k.Asks.Except, func(c string) bool { return a.Circumstances[c] }):
		return Circumstance
	case place(k.ID, a.Patient) >= k.Asks.Share:
		return NotInShare
	}
	return Asked
}

// place is where a participant stands among a hundred, for a kit.
func place(kit, patient string) int {
	sum := sha256.Sum256([]byte(kit + "/" + patient))
	return int(binary.BigEndian.Uint64(sum[:8]) % 100)
}
