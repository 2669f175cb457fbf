package staff

// What becomes of connections reaches these pages as codes: package ingest's reasons.
// Here they become sentences. A test in package app holds the table to the codes that
// there are.

// unexplained stands where a code has no sentence.
const unexplained = "Something went wrong on our side."

func why(code string) string {
	if text, ok := staffTexts[code]; ok || code == "" {
		return text
	}
	return unexplained
}

var staffTexts = map[string]string{
	"duplicate":    "The provider’s record has been claimed by another account.",
	"demographics": "The provider’s birth date or sex is not the participant’s.",
	"patient":      "The provider’s Patient could not be read, so that nobody can tell whose record it is.",
	"refresh":      "The provider has ended the access.",
	"withdrawn":    "The participant has left the study.",
	"revoked":      "The participant has stopped sharing health records.",
	"replaced":     "The participant has connected this provider again, with another record.",
	"disconnected": "The participant has disconnected the provider.",
	"removing":     "The participant has disconnected the provider, and what came is being removed.",
	"removed":      "The participant has disconnected the provider, and what came is removed.",
	"refused":      "It was decided that this record is not the participant’s.",
	"accepted":     "It was decided that this record is the participant’s.",
}

// StaffWhy is what staff are told of why it was held.
func (h Held) StaffWhy() string { return why(h.Cause) }

// Ended is what staff are told of why it cannot be accepted any more; "" when it can.
func (h Held) Ended() string {
	if h.State == "held" {
		return ""
	}
	return why(h.Reason)
}

// comparison is one line of what staff compare.
type comparison struct{ Name, Ours, Theirs, Other, Verdict string }

// Compared sets the participant beside the provider's record.
func (h Held) Compared() []comparison {
	theirs, other := Demographics{}, Demographics{}
	if h.Theirs != nil {
		theirs = *h.Theirs
	}
	if h.Other != nil {
		other = h.Other.Demographics
	}
	return []comparison{
		h.compare("Birth date", h.Ours.BirthDate, theirs.BirthDate, other.BirthDate),
		h.compare("Sex", h.Ours.Sex, theirs.Sex, other.Sex),
	}
}

func (h Held) compare(name, ours, theirs, other string) comparison {
	c := comparison{name, ours, theirs, other, "Differ"}
	switch {
	case h.Theirs == nil:
		c.Theirs, c.Verdict = "not known", "Not known"
	case ours == theirs:
		c.Verdict = "Match"
	case theirs == "":
		c.Theirs = "not given"
	}
	return c
}
