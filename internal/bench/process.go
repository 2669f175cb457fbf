package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is a server under test.
type process struct {
	cmd   *exec.Cmd
	base  string // origin
	pprof string // address of its profiles, "" for none
	log   string
	ended chan error
}

const startPatience = 60 * time.Second

// start runs a command of this binary and waits until path answers below base.
func (r *run) start(ctx context.Context, base, path string, args ...string) (*process, error) {
	p := &process{base: base, ended: make(chan error, 1)}
	p.log = filepath.Join(r.dir, fmt.Sprintf("%s.log", base[strings.LastIndexByte(base, ':')+1:]))
	environ := withoutOurs(os.Environ())
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if r.Profile || r.Workloads.Folder != "" {
		if p.pprof, err = freeAddress(); err != nil {
			return nil, err
		}
		environ = append(environ, "TRIBUTARY_PPROF="+p.pprof)
	}
	p.cmd = exec.Command(r.Binary, args...)
	p.cmd.Env = environ
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	if err := p.await(ctx, base+path); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// withoutOurs keeps the caller's own configuration out of a measurement.
func withoutOurs(environ []string) []string {
	var out []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "TRIBUTARY_") {
			out = append(out, e)
		}
	}
	return out
}

func (p *process) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx, url) {
			return nil
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("a server ended at its start: %w: %s", err, p.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("a server does not answer: %s", p.lastWords())
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode < http.StatusInternalServerError
}

func (p *process) lastWords() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-600):])
}

const stopPatience = 30 * time.Second

// stop asks the process to end, and makes it when it does not.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopPatience):
		return p.cmd.Process.Kill()
	}
}

// freeAddress is one that nothing listens on at this moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
