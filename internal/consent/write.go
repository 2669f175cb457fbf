package consent

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/internal/records"
	"tributary/internal/store"
)

// entry is one decision on its way to the store.
type entry struct {
	Signing
	Decision Decision
	Document *program.Document // what it is about; nil for the participation
	At       time.Time
	PDF      []byte // signed; nil when nothing was signed
	// Acts is until when a representative may act for the participant; zero: no end is
	// set. What they agreed to for a minor does not hold beyond.
	Acts time.Time
}

// write puts the resources of a decision, replaces the Consent before, and
// notes the event.
func (s *Service) write(ctx context.Context, tx *records.Tx, e entry) error {
	if _, err := s.endConsent(ctx, tx, e.Patient, e.Kind, e.At); err != nil {
		return err
	}
	kind := s.kind(e.Kind)
	document, err := s.putDocument(ctx, tx, e, kind.Type)
	if err != nil {
		return err
	}
	body, err := e.consent(s.Study, kind, document)
	if err != nil {
		return err
	}
	consent, err := put(ctx, tx, "Consent", body)
	if err != nil {
		return err
	}
	if err := s.putSignature(ctx, tx, e, consent, document); err != nil {
		return err
	}
	return s.event(ctx, tx, e, consent.ID)
}

// putDocument keeps the signed PDF and returns the id of its DocumentReference.
func (s *Service) putDocument(ctx context.Context, tx *records.Tx, e entry, typ program.Code) (string, error) {
	if e.PDF == nil {
		return "", nil
	}
	body, err := e.binary()
	if err != nil {
		return "", err
	}
	binary, err := put(ctx, tx, "Binary", body)
	if err != nil {
		return "", err
	}
	if body, err = e.documentReference(typ, binary.ID); err != nil {
		return "", err
	}
	document, err := put(ctx, tx, "DocumentReference", body)
	if err != nil {
		return "", err
	}
	return document.ID, s.askCopy(ctx, tx, e, binary.ID)
}

// expires is when an agreement ends by itself.
func (e entry) expires() time.Time { return earliest(e.Document.Expires(e.At), e.Acts) }

// putSignature signs the Consent as it is stored. What was decided for somebody
// without a signature names who did.
func (s *Service) putSignature(ctx context.Context, tx *records.Tx, e entry, consent store.Resource, document string) error {
	if e.PDF == nil {
		return s.putActing(ctx, tx, e, consent)
	}
	cms, err := s.Signer.detached(consent.Body)
	if err != nil {
		return err
	}
	body, err := e.provenance(consent.ID, strconv.FormatInt(consent.Version, 10), document, cms)
	if err != nil {
		return err
	}
	_, err = put(ctx, tx, "Provenance", body)
	return err
}

// putActing puts on record, as a Provenance of the Consent's version, who decided for
// the participant; nothing where they decided themselves.
func (s *Service) putActing(ctx context.Context, tx *records.Tx, e entry, consent store.Resource) error {
	if e.For == "" || consent.ID == "" {
		return nil
	}
	body, err := e.acting(consent.ID, strconv.FormatInt(consent.Version, 10))
	if err != nil {
		return err
	}
	_, err = put(ctx, tx, "Provenance", body)
	return err
}

func (s *Service) event(ctx context.Context, tx *records.Tx, e entry, consent string) error {
	row := store.ConsentEvent{ID: newID(), Patient: e.Patient, Kind: string(e.Kind), Decision: string(e.Decision), At: e.At,
		Consent: consent, Providers: strings.Join(e.Providers, " "), Staff: e.Witness.Staff, Site: e.Witness.Site, Represented: e.For, ReceivedAt: tx.Now()}
	if d := e.Document; d != nil {
		row.Document, row.Hash, row.Language = d.ID+" "+d.Version, d.Hash(), d.Language
		if e.Decision == Agree {
			row.Expires = e.expires()
		}
	}
	if err := s.sealInto(&row, e); err != nil {
		return err
	}
	return s.rows.Add(ctx, tx.Store(), row)
}

// sealInto keeps what says who signed, and why, encrypted.
func (s *Service) sealInto(row *store.ConsentEvent, e entry) (err error) {
	seal := func(into *[]byte, what string, plain []byte) {
		if len(plain) > 0 && err == nil {
			*into, err = s.Sealer.Seal(plain, []byte(what+"/"+e.Patient))
		}
	}
	seal(&row.PrintedAs, "signature", []byte(e.PrintedName))
	seal(&row.Drawn, "drawing", e.Drawn.path())
	seal(&row.Reason, "reason", []byte(e.Reason))
	return err
}

// kind is a kind as the study has it; the zero Consent for the participation.
func (s *Service) kind(k Kind) *program.Consent {
	if c, ok := s.Study.Consent(string(k)); ok {
		return c
	}
	return &program.Consent{}
}

func put(ctx context.Context, tx *records.Tx, typ string, body []byte) (store.Resource, error) {
	done, err := tx.Put(ctx, records.Draft{Type: typ, JSON: body, Origin: records.Program})
	if err != nil {
		return store.Resource{}, err
	}
	return done[0].Resource, nil
}

// PDF reads a signed document. Who may see it is the caller's to know: a Binary
// is in nobody's compartment.
func (s *Service) PDF(ctx context.Context, binary string) ([]byte, error) {
	res, err := s.records.Read(ctx, actor(), "Binary", binary)
	if err != nil {
		return nil, err
	}
	var body struct{ Data []byte }
	err = json.Unmarshal(res.Body, &body)
	return body.Data, err
}
