package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Variants of a read that is measured for what access costs: the server that
// Options.Binary becomes by `bench --measured-config` chooses by this header.
const (
	MeasuredHeader = "X-Measured"
	Checked        = "checked" // as everybody meets it
	Known          = "known"   // who asks is fixed: no token is looked at
	Unaudited      = "silent"  // the token is looked at, and what is audited of the read is written nowhere
)

// The most that a read may cost more by.
const (
	mostToken = 10 // percent, by the token check
	mostAudit = 15 // percent, by the audit
)

// readBefore are the bundles of people that are loaded for it.
const readBefore = 20

// measureAccess holds reads by id against the same reads with who asks fixed, and
// with the audit left out, in turn, on one server: what differs is what access costs.
func (r *run) measureAccess(ctx context.Context) (err error) {
	in, token, places, err := r.readable(ctx)
	if err != nil {
		return err
	}
	p, err := r.start(ctx, in.service, "/fhir/R4/metadata", "--log", "warn", "bench", "--measured-config", in.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	sides := map[string]*side{}
	var all []*side
	for _, variant := range []string{Checked, Known, Unaudited} {
		header := "Accept: application/fhir+json\r\nAuthorization: Bearer " + token + "\r\n" + MeasuredHeader + ": " + variant + "\r\n"
		sides[variant] = &side{process: p, getter: getter{address: host(p.base), header: header, paths: places}}
		all = append(all, sides[variant])
	}
	if err := r.settling(ctx, all...); err != nil {
		return err
	}
	checked, known, silent := sides[Checked].price(), sides[Known].price(), sides[Unaudited].price()
	r.add(Figure{Part: "f", Name: "a read, checked and audited, the server's processor time", Value: checked, Unit: "µs/read"})
	r.add(Figure{Part: "f", Name: "the same with a fixed decision on who asks", Value: known, Unit: "µs/read"})
	r.add(Figure{Part: "f", Name: "the same with the audit written nowhere", Value: silent, Unit: "µs/read"})
	r.add(Figure{Part: "f", Name: "what the token check adds to a read", Value: more(checked, known), Unit: "%", Most: mostToken})
	r.add(Figure{Part: "f", Name: "what the audit adds to a read", Value: more(checked, silent), Unit: "%", Most: mostAudit})
	return nil
}

// settled is how long the audit may take to be written after the reads: its writer's
// batches are of half a second.
const settled = 700 * time.Millisecond

// settling runs the sides in turn as inTurn does, and counts for each what is written
// of its reads after they were answered.
func (r *run) settling(ctx context.Context, sides ...*side) error {
	round := time.Duration(r.Seconds * float64(time.Second) / rounds)
	for i := range rounds + 1 {
		for _, s := range sides {
			n := 0
			took, spent, err := s.spend(func() (err error) {
				if n, err = s.getter.run(ctx, round); err != nil {
					return err
				}
				return wait(ctx, settled)
			})
			if err != nil {
				return err
			}
			if i > 0 {
				s.n, s.took, s.cpu = s.n+n, s.took+took, s.cpu+spent
			}
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// more is by how many percent a is above b; 0 where it is not.
func more(a, b float64) float64 { return max(0, (a/b-1)*100) }

// readable is an installation with data, whose server has ended, a token for it and
// what can be read.
func (r *run) readable(ctx context.Context) (in *installation, token string, places []string, err error) {
	if in, err = r.install("access", ""); err != nil {
		return nil, "", nil, err
	}
	p, err := r.serve(ctx, in)
	if err != nil {
		return nil, "", nil, err
	}
	defer func() { err = errors.Join(err, in.Close(context.WithoutCancel(ctx)), p.stop()) }()
	if token, err = in.Token(ctx); err != nil {
		return nil, "", nil, err
	}
	for _, shared := range r.data.shared {
		if _, err := post(ctx, p.base, token, shared); err != nil {
			return nil, "", nil, err
		}
	}
	all, err := postAll(ctx, p.base, token, r.data.patients[:min(readBefore, len(r.data.patients))])
	if err != nil {
		return nil, "", nil, err
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, i := range random.Perm(len(all))[:min(sampled, len(all))] {
		places = append(places, "/fhir/R4/"+all[i])
	}
	return in, token, places, nil
}
