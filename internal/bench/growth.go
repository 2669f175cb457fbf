package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tributary/internal/synth"
)

// Growth is what a kind of search costs while the data grows.
type Growth struct {
	Server string `json:"server"`
	Shape  string `json:"shape"` // Type.parameter; "all" is the mix
	// Cost is the processor time of a query, the server's and its database's, in
	// microseconds; Latency the mean time until its answer. Over 1, 10, 100 times
	// the data.
	Cost    []float64 `json:"cost"`
	Latency []float64 `json:"latency"`
}

// wholeMix names the sum of all shapes.
const wholeMix = "all"

// sizes are by how much the data grows, and the targets for the cost of the mix.
var sizes = []struct {
	factor int
	most   float64
}{{1, 0}, {10, 1.3}, {100, 2}}

// atLeast is how long the queries of a shape are asked.
const atLeast = 600 * time.Millisecond

// measureGrowth asks the same queries over ever more data, which is loaded over
// the API as all data is.
func (r *run) measureGrowth(ctx context.Context) error {
	if r.Growth == 0 {
		fmt.Fprintln(r.Print, "  left out: --growth is 0")
		return nil
	}
	err := r.onPostgres(ctx, func(database string) error { return r.grow(ctx, "PostgreSQL", database) })
	return errors.Join(err, r.grow(ctx, "SQLite", ""))
}

func (r *run) grow(ctx context.Context, backend, database string) (err error) {
	in, err := r.install("growth-"+backend, database)
	if err != nil {
		return err
	}
	p, err := r.serve(ctx, in)
	if err != nil {
		return err
	}
	g := &growing{run: r, process: p, generator: synth.New(synth.Options{Seed: r.Seed}), target: &target{process: p}}
	defer func() { err = errors.Join(err, in.Close(context.WithoutCancel(ctx)), p.stop()) }()
	if database != "" {
		if g.target.database, err = openPostgresProcess(ctx, database); err != nil {
			return err
		}
	}
	if g.token, err = in.Token(ctx); err != nil {
		return err
	}
	return g.measure(ctx, backend)
}

// growing is a server whose data grows.
type growing struct {
	*run
	process   *process
	target    *target
	generator *synth.Generator
	token     string
	patients  int // that are loaded
	resources int
}

func (g *growing) measure(ctx context.Context, backend string) error {
	for _, shared := range g.generator.Infrastructure() {
		if _, err := post(ctx, g.process.base, g.token, shared.JSON); err != nil {
			return err
		}
	}
	var shapes []shape
	var rows []Growth
	for _, size := range sizes {
		begun := time.Now()
		if err := g.fill(ctx, size.factor*g.Growth); err != nil {
			return err
		}
		fmt.Fprintf(g.Print, "  (g) %s ×%d: %d resources, loaded in %.0f s\n", backend, size.factor, g.resources, time.Since(begun).Seconds())
		if shapes == nil {
			values, err := draw(ctx, g.process.base, g.token)
			if err != nil {
				return err
			}
			shapes, rows = values.shapes(), make([]Growth, len(searchShapes)+1)
		}
		if err := g.ask(ctx, backend, shapes, rows); err != nil {
			return err
		}
	}
	g.report.Growth = append(g.report.Growth, rows...)
	g.judge(backend, rows)
	return nil
}

// fill loads patients until there are n, waits for what follows the writes, which
// would be counted as the searches' own, and lets the database gather statistics.
func (g *growing) fill(ctx context.Context, n int) error {
	var next, resources atomic.Int64
	next.Store(int64(g.patients))
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range posters {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				places, err := post(ctx, g.process.base, g.token, g.generator.Patient(i).JSON)
				if err != nil {
					failed.Store(&err)
				}
				resources.Add(int64(len(places)))
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	g.patients, g.resources = n, g.resources+int(resources.Load())
	if _, err := g.process.rest(ctx); err != nil {
		return err
	}
	if g.target.database != nil {
		return g.target.database.run(ctx, "VACUUM (ANALYZE)") // as autovacuum does in time
	}
	return nil
}

// ask measures each shape, and the mix.
func (g *growing) ask(ctx context.Context, backend string, shapes []shape, rows []Growth) error {
	mix := &rows[len(shapes)]
	mix.Server, mix.Shape = backend, wholeMix
	var cost, latency float64
	for i, s := range shapes {
		rows[i].Server, rows[i].Shape = backend, s.name
		c, l, err := g.price(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		rows[i].Cost, rows[i].Latency = append(rows[i].Cost, c), append(rows[i].Latency, l)
		cost, latency = cost+c/float64(len(shapes)), latency+l/float64(len(shapes))
	}
	mix.Cost, mix.Latency = append(mix.Cost, cost), append(mix.Latency, latency)
	return nil
}

// price asks the queries of a shape one after another, round by round, after a
// round that does not count.
func (g *growing) price(ctx context.Context, s shape) (cost, latency float64, err error) {
	header := "Accept: application/fhir+json\r\nAuthorization: Bearer " + g.token + "\r\n"
	one := getter{address: host(g.process.base), header: header, paths: s.queries}
	if _, err := one.rounds(ctx, 0); err != nil {
		return 0, 0, err
	}
	before, err := g.target.spent(ctx)
	if err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	n, err := one.rounds(ctx, atLeast)
	if err != nil {
		return 0, 0, err
	}
	took := time.Since(begun)
	after, err := g.target.spent(ctx)
	return micros(after.server-before.server+after.database-before.database) / float64(n), micros(took) / float64(n), err
}

// judge holds the mix against its targets and names the shapes that grow most.
func (g *growing) judge(backend string, rows []Growth) {
	mix := rows[len(rows)-1]
	for i, size := range sizes[1:] {
		g.add(Figure{Part: "g", Name: fmt.Sprintf("cost of a search on %s over %d times the data", backend, size.factor),
			Value: mix.grown(i + 1), Unit: "×", Most: size.most})
	}
	last := len(sizes) - 1
	for _, row := range rows[:len(rows)-1] {
		if row.grown(last) > sizes[last].most {
			fmt.Fprintf(g.Print, "      grows: %-44s %6.0f µs × %.1f\n", row.Shape, row.Cost[0], row.grown(last))
		}
	}
}

// grown is the cost at a size as a multiple of the first.
func (g Growth) grown(size int) float64 { return g.Cost[size] / max(g.Cost[0], 1) }
