package bench

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"time"
)

// reads are what is asked of one backend.
type reads struct {
	backend  string
	database string // URL; empty for the embedded one
	token    string
	places   []string
}

const (
	sampled = 2000 // resources that are read, so that their bytes fit the bare server
	rounds  = 4    // of each side in turn, so that what else the machine does meets both
)

var readTargets = map[string]float64{"SQLite": 0.6, "PostgreSQL": 0.8}

// measureReads holds reads by id against a bare server of the same bytes.
func (r *run) measureReads(ctx context.Context, p *process, q reads) (err error) {
	dir := filepath.Join(r.dir, q.backend+"-bodies")
	paths, err := sample(ctx, p.base, q, dir)
	if err != nil {
		return err
	}
	bare, err := r.startBaseline(ctx, q, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	header := "Accept: application/fhir+json\r\nAuthorization: Bearer " + q.token + "\r\n"
	served := &side{process: p, getter: getter{address: host(p.base), header: header, paths: paths}}
	against := &side{process: bare, getter: getter{address: host(bare.base), header: header, paths: paths}}
	stopProfile := r.profile(ctx, p, "read-"+q.backend)
	if err := r.inTurn(ctx, served, against); err != nil {
		return err
	}
	kind := "bare net/http"
	if q.database != "" {
		kind = "net/http with one point query"
	}
	r.add(Figure{Part: "c", Name: "reads on " + q.backend, Value: served.rate(), Unit: "reads/s"})
	r.add(Figure{Part: "c", Name: kind + " of the same bytes", Value: against.rate(), Unit: "reads/s"})
	r.add(Figure{Part: "c", Name: "reads on " + q.backend + ", the server's processor time", Value: served.price(), Unit: "µs/read"})
	r.add(Figure{Part: "c", Name: kind + ", its processor time", Value: against.price(), Unit: "µs/read"})
	r.add(Figure{Part: "c", Name: "reads on " + q.backend + " against " + kind, Value: served.rate() / against.rate(), Unit: "×", Least: readTargets[q.backend]})
	r.add(Figure{Part: "c", Name: "the same by processor time, both ends together", Value: against.both() / served.both(), Unit: "×"})
	return stopProfile()
}

func host(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		panic("bench: " + err.Error()) // our own origins
	}
	return u.Host
}

// side is one of two servers that are compared.
type side struct {
	*process
	getter
	n    int
	took time.Duration
	cpu  time.Duration // of the server
	ours time.Duration // of the load, which is made here
}

func (s *side) rate() float64  { return float64(s.n) / s.took.Seconds() }
func (s *side) price() float64 { return micros(s.cpu) / float64(s.n) }

// both is the price of both ends: what bounds the throughput of a machine that
// does nothing else, whatever else this one does.
func (s *side) both() float64 { return micros(s.cpu+s.ours) / float64(s.n) }

// inTurn runs both sides round by round, after a short one that does not count.
func (r *run) inTurn(ctx context.Context, sides ...*side) error {
	round := time.Duration(r.Seconds * float64(time.Second) / rounds)
	for i := range rounds + 1 {
		for _, s := range sides {
			n, own := 0, ownTime()
			took, spent, err := s.spend(func() (err error) { n, err = s.getter.run(ctx, round); return err })
			if err != nil {
				return err
			}
			if i > 0 {
				s.n, s.took, s.cpu, s.ours = s.n+n, s.took+took, s.cpu+spent, s.ours+ownTime()-own
			}
		}
	}
	return nil
}
