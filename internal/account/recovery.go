package account

import (
	"context"

	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// recovered is told the study.
var recovered = letter{
	"en": {"Your second lock was taken off", "Our team has taken the second lock off your account: somebody showed them who you are, and said that it was lost. " +
		"At your next sign-in you set up a new one.\n\nIf that was not you, call us at once.\n\n%s\n"},
	"es": {"Se quitó su segunda cerradura", "Nuestro equipo quitó la segunda cerradura de su cuenta: alguien les mostró quién es usted y dijo que se perdió. " +
		"La próxima vez que entre, ponga una nueva.\n\nSi no fue usted, llámenos enseguida.\n\n%s\n"},
}

// participants is the realm of participants' passkeys.
const participants = "participant"

// Recover takes every second factor off the account of a participant who lost
// theirs, so that the next sign-in sets up a new one; browsers that it knew are
// forgotten, and a mail tells the person. That staff have made sure who asks, and
// that it is put on record, is the caller's.
func (s *Service) Recover(ctx context.Context, patient string) (store.Account, error) {
	a, err := s.OfPatient(ctx, s.Store, patient)
	if err != nil {
		return a, errs.Wrap(err, errs.NotFound, "this person has no account")
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := s.alone(ctx, tx, a.ID); err != nil {
			return err
		}
		if err := s.rows.ClearFactors(ctx, tx, a.ID); err != nil {
			return err
		}
		if err := (tables.Passkeys{}).RemoveAll(ctx, tx, participants, a.ID); err != nil {
			return err
		}
		return s.devices.ForgetAll(ctx, tx, a.ID)
	})
	if err != nil {
		return a, err
	}
	return a, s.tell(ctx, a, recovered, s.Study.Title.In(recovered.in(a.Language)))
}
