package portal

// What becomes of connections reaches the portal as codes: package ingest's
// reasons, the failures of package connectors, and the codes below. Here they
// become sentences, once for the participant and once for staff. A test in
// package app holds these tables to the codes that there are.

// Reasons that only a page gives.
const (
	ReasonBrief    = "brief"     // everything is here, and nothing newer will come
	ReasonSetAside = "set-aside" // all came, and some could not be read
	ReasonMissing  = "missing"   // some types failed
	ReasonRepeats  = "repeats"   // some types failed, and are asked for again without being told
)

// unexplained stands where a code has no sentence.
const unexplained = "something went wrong on our side"

func in(words map[string]string, code string) string {
	if text, ok := words[code]; ok || code == "" {
		return text
	}
	return unexplained
}

var stateTexts = map[string]string{
	"waiting": "Waiting to begin", "running": "Your records are on their way", "complete": "Everything is here",
	"partial": "Some records are not here", "failed": "The records could not be fetched",
	"held": "The study’s staff are checking this connection", "stopped": "Stopped",
}

// StateText is how the state reads.
func (n Connection) StateText() string { return stateTexts[n.State] }

var reasonTexts = map[string]string{
	"duplicate":    "This record is already connected to another account. Study staff will look into it.",
	"demographics": "The birth date or sex in this record differs from your account. Study staff will look into it before anything is used.",
	"patient":      "The record could not be identified as yours. Study staff will look into it.",
	"refresh":      "Your provider has ended our access. Please connect again.",
	"withdrawn":    "You have left the study.",
	"revoked":      "You have stopped sharing your health records.",
	"replaced":     "You have connected this provider again.",
	"refused":      "Study staff found that this record is not yours. You can connect again.",
	"accepted":     "Study staff found that this record is yours.",
	ReasonBrief:    "Your provider let us read for a short time only. When you want newer records to come, connect again.",
	ReasonSetAside: "Some records were not written the way health records must be. We keep them apart and do not use them. Everything else is here.",
	ReasonMissing:  "Some kinds of records could not be fetched; everything else is here.",
	ReasonRepeats:  "Some kinds of records could not be fetched; everything else is here. We will try again by ourselves.",
}

// Why is what the participant is told of the reason; "" when there is nothing to tell.
func (n Connection) Why() string { return in(reasonTexts, n.Reason) }

var missingTexts = map[string]string{
	"declined":     "your provider said no to this",
	"code":         "your provider ended the sign-in",
	"state":        "your provider’s answer could not be used",
	"answer":       "your provider’s answer could not be used",
	"expired":      "our access had ended; please connect again",
	"reconnect":    "our access had ended; please connect again",
	"refused":      "your provider does not share these",
	"throttled":    "your provider was too busy",
	"down":         "your provider did not answer",
	"foreign-host": "your provider led to an address that we do not know",
	"scope":        "your provider did not give us access to these",
	"references":   "some that your other records mention could not be fetched",
	"internal":     unexplained + "; we will look into it",
}

// Why is what the participant is told of a type that is missing.
func (t TypeCount) Why() string { return in(missingTexts, t.Reason) }

var staffTexts = map[string]string{
	"duplicate":    "The provider’s record has been claimed by another account.",
	"demographics": "The provider’s birth date or sex is not the participant’s.",
	"patient":      "The provider’s Patient could not be read, so that nobody can tell whose record it is.",
	"refresh":      "The provider has ended the access.",
	"withdrawn":    "The participant has left the study.",
	"revoked":      "The participant has stopped sharing health records.",
	"replaced":     "The participant has connected this provider again, with another record.",
	"refused":      "It was decided that this record is not the participant’s.",
	"accepted":     "It was decided that this record is the participant’s.",
}

// StaffWhy is what staff are told of why it was held.
func (h Held) StaffWhy() string { return in(staffTexts, h.Cause) }

// Ended is what staff are told of why it cannot be accepted any more; "" when it can.
func (h Held) Ended() string {
	if h.State == "held" {
		return ""
	}
	return in(staffTexts, h.Reason)
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
