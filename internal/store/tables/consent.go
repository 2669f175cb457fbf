package tables

import (
	"context"

	"tributary/internal/store"
)

// Consents keeps the decisions of participants, which are only ever added, and
// the evidence that led to them.
type Consents struct{}

const eventColumns = `id, patient, kind, decision, at, expires, consent, document, hash, language, printed, received, drawn, providers, staff, site, reason, represented`

// Add keeps a decision.
func (Consents) Add(ctx context.Context, db store.DB, e store.ConsentEvent) error {
	_, err := db.Exec(ctx, `INSERT INTO consent_event (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		e.ID, e.Patient, e.Kind, e.Decision, store.Micros(e.At), store.Micros(e.Expires), e.Consent, e.Document, e.Hash, e.Language,
		e.PrintedAs, store.Micros(e.ReceivedAt), e.Drawn, e.Providers, e.Staff, e.Site, e.Reason, e.Represented)
	return err
}

// Of returns a participant's decisions, oldest first.
func (Consents) Of(ctx context.Context, db store.DB, patient string) ([]store.ConsentEvent, error) {
	rows, err := db.Query(ctx, `SELECT `+eventColumns+` FROM consent_event WHERE patient = $1 ORDER BY at, id`, patient)
	if err != nil {
		return nil, err
	}
	return scanEvents(rows)
}

// Page returns all decisions of the participants, at most so many, whose ids follow
// after, which is "" for the first page: by participant, oldest first.
func (Consents) Page(ctx context.Context, db store.DB, after string, participants int64) ([]store.ConsentEvent, error) {
	rows, err := db.Query(ctx, `SELECT `+eventColumns+` FROM consent_event WHERE patient > $1 AND patient <= coalesce((SELECT max(patient) FROM
		(SELECT DISTINCT patient FROM consent_event WHERE patient > $1 ORDER BY patient LIMIT $2) page), '') ORDER BY patient, at, id`, after, participants)
	if err != nil {
		return nil, err
	}
	return scanEvents(rows)
}

// Taking returns the patients who ever made the decision of the kind, in the
// order of their ids. Whether it still holds is for package consent to say.
func (Consents) Taking(ctx context.Context, db store.DB, kind, decision string) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT patient FROM consent_event WHERE decision = $2 AND kind = $1 ORDER BY patient`, kind, decision)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var patients []string
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		patients = append(patients, p)
	}
	return patients, rows.Err()
}

func scanEvents(rows store.Rows) ([]store.ConsentEvent, error) {
	defer rows.Close()
	var events []store.ConsentEvent
	for rows.Next() {
		var e store.ConsentEvent
		var at, expires, received int64
		if err := rows.Scan(&e.ID, &e.Patient, &e.Kind, &e.Decision, &at, &expires, &e.Consent, &e.Document, &e.Hash, &e.Language, &e.PrintedAs, &received,
			&e.Drawn, &e.Providers, &e.Staff, &e.Site, &e.Reason, &e.Represented); err != nil {
			return nil, err
		}
		e.At, e.Expires, e.ReceivedAt = store.Time(at), store.Time(expires), store.Time(received)
		events = append(events, e)
	}
	return events, rows.Err()
}

// AddEvidence keeps a step.
func (Consents) AddEvidence(ctx context.Context, db store.DB, e store.ConsentEvidence) error {
	_, err := db.Exec(ctx, `INSERT INTO consent_evidence (id, patient, hash, step, detail, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.ID, e.Patient, e.Hash, e.Step, e.Detail, store.Micros(e.At))
	return err
}

// Evidence returns the steps of a participant through a document, oldest first.
func (Consents) Evidence(ctx context.Context, db store.DB, patient, hash string) ([]store.ConsentEvidence, error) {
	rows, err := db.Query(ctx, `SELECT id, step, detail, at FROM consent_evidence WHERE patient = $1 AND hash = $2 ORDER BY at, id`, patient, hash)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var steps []store.ConsentEvidence
	for rows.Next() {
		e := store.ConsentEvidence{Patient: patient, Hash: hash}
		var at int64
		if err := rows.Scan(&e.ID, &e.Step, &e.Detail, &at); err != nil {
			return nil, err
		}
		e.At = store.Time(at)
		steps = append(steps, e)
	}
	return steps, rows.Err()
}
