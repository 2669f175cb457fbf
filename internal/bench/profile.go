package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// profile keeps a processor profile of the process while something runs, in the
// folder of the report; without profiling it does nothing.
func (r *run) profile(ctx context.Context, p *process, name string) (wait func() error) {
	if p.pprof == "" || !r.Profile {
		return func() error { return nil }
	}
	done := make(chan error, 1)
	go func() { done <- r.fetchProfile(ctx, p, name, max(1, int(r.Seconds))) }()
	return func() error { return <-done }
}

func (r *run) fetchProfile(ctx context.Context, p *process, name string, seconds int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.pprof, seconds), nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	f, err := os.Create(r.profileFile(name))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, res.Body)
	return errors.Join(err, f.Close())
}

func (r *run) profileFile(name string) string { return filepath.Join(r.Out, name+".prof") }
