package demo

import (
	"context"
	"encoding/json"

	"tributary/config/program"
)

// Visitor is a participant whose steps a test takes one by one.
type Visitor struct{ *Participant }

// NewVisitor describes a person who joins and shares the record of a provider's patient.
func NewVisitor(portal, given, family, birth, gender, providerPatient string) Visitor {
	return Visitor{&Participant{
		EHRConsent: true, ProviderPatient: providerPatient, browser: newBrowser(portal),
		person: person{given: given, family: family, birth: birth, gender: gender},
	}}
}

// Join signs up and consents.
func (v Visitor) Join(ctx context.Context) error {
	study, err := program.Default()
	if err != nil {
		return err
	}
	return v.join(ctx, 0, study)
}

// Connect shares the record.
func (v Visitor) Connect(ctx context.Context) error { return v.connect(ctx) }

// AwaitPull waits until the pull is complete.
func (v Visitor) AwaitPull(ctx context.Context) error { return v.awaitPull(ctx) }

// Stored says how many resources are there, of all types.
func (v Visitor) Stored(ctx context.Context) (map[string]int, error) {
	page, err := v.browser.get(ctx, "/connections.json")
	if err != nil {
		return nil, err
	}
	var all []struct {
		Types []struct {
			Type   string
			Stored int
		}
	}
	if err := json.Unmarshal(page.body, &all); err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, c := range all {
		for _, t := range c.Types {
			counts[t.Type] += t.Stored
		}
	}
	return counts, nil
}

// Whole judges what /connections.json tells of one connection.
func Whole(raw []byte) (bool, error) {
	var c connection
	err := json.Unmarshal(raw, &c)
	return c.whole(), err
}

// Held counts what a bundle holds of its patient.
func Held(raw []byte, patient string) (map[string]int, error) {
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, err
	}
	return held(b, patient)
}
