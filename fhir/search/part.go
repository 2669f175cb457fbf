package search

// What the parts of a string are made of (Parts), in runes. They are kept: another
// number needs another name of the place in package parts, and another index.
const (
	PartLength = 8  // of a part; what is asked for may be longer
	Parted     = 50 // the longest string that is kept in parts
)

// Parts cuts a folded string so that each text within it begins one of the parts:
// from each of its places on, up to PartLength. No part begins with a space but that
// of a string that does itself, since what is asked for never does (Fold). A longer
// string than Parted has none.
func Parts(folded string) (parts []string) {
	runes := []rune(folded)
	if len(runes) > Parted {
		return nil
	}
	for i, r := range runes {
		if i == 0 || r != ' ' {
			parts = append(parts, string(runes[i:min(i+PartLength, len(runes))]))
		}
	}
	return parts
}

// Part is the beginning of what is asked for by which it is found among parts.
func Part(folded string) string {
	n := 0
	for i := range folded {
		if n == PartLength {
			return folded[:i]
		}
		n++
	}
	return folded
}
