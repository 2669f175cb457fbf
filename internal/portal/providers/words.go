package providers

// What becomes of connections arrives as codes: package ingest's reasons, the
// failures of package connectors, and the codes below. Here they become sentences. A
// test in package app holds these tables to the codes that there are.

// Reasons that only a page gives.
const (
	ReasonBrief    = "brief"     // everything is here, and nothing newer will come
	ReasonSetAside = "set-aside" // all came, and some could not be read
	ReasonMissing  = "missing"   // some types failed
	ReasonRepeats  = "repeats"   // some types failed, and are asked for again without being told
)

// Unexplained stands where a code has no sentence.
const Unexplained = "Something went wrong on our side."

func in(words map[string]string, code string) string {
	if text, ok := words[code]; ok || code == "" {
		return text
	}
	return Unexplained
}

var stateTexts = map[string]string{
	"waiting": "Waiting to begin", "running": "Your records are on their way", "complete": "Everything is here",
	"partial": "Some records are not here", "failed": "The records could not be fetched",
	"held": "The study’s staff are checking this connection", "stopped": "Ended",
}

// StateText is how the state reads.
func (n Connection) StateText() string {
	if n.Reason == "removing" {
		return "What came is being removed"
	}
	return stateTexts[n.State]
}

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
	"disconnected": "You have disconnected this provider. What came before is still here.",
	"removing":     "You have disconnected this provider. What came is being removed now; that can take a few minutes.",
	"removed":      "You have disconnected this provider. What came has been removed.",
	ReasonBrief:    "Your provider let us read for a short time only. When you want newer records to come, connect again.",
	ReasonSetAside: "Some records were not written the way health records must be. We keep them apart and do not use them. Everything else is here.",
	ReasonMissing:  "Some kinds of records could not be fetched; everything else is here.",
	ReasonRepeats:  "Some kinds of records could not be fetched; everything else is here. We will try again by ourselves.",
}

// Why is what the participant is told of the reason; "" when there is nothing to tell.
func (n Connection) Why() string { return in(reasonTexts, n.Reason) }

const unusable = "Your provider’s answer could not be used."

var missingTexts = map[string]string{
	"declined":     "Your provider said no to this.",
	"code":         "Your provider ended the sign-in.",
	"state":        unusable,
	"answer":       unusable,
	"expired":      "Our access had ended. Please connect again.",
	"reconnect":    "Our access had ended. Please connect again.",
	"refused":      "Your provider does not share these.",
	"throttled":    "Your provider was too busy.",
	"down":         "Your provider did not answer.",
	"foreign-host": "Your provider led to an address that we do not know.",
	"scope":        "Your provider did not give us access to these.",
	"references":   "Some that your other records mention could not be fetched.",
	"internal":     "Something went wrong on our side. We will look into it.",
}

// Why is what the participant is told of a type that is missing.
func (t Type) Why() string { return in(missingTexts, t.Reason) }
