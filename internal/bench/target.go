package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const peerName = "the peer"

// target is a server under load.
type target struct {
	name, file string // for people, for file names
	base       string // FHIR base URL
	token      string
	tokenCmd   []string
	after      string           // shell command after the import
	process    *process         // of ours
	pid        int              // of the peer, 0 if not known
	database   *postgresProcess // nil for the embedded one and for the peer's
	dir        string           // data of the embedded database
}

// spending is processor time so far, and the peak of memory.
type spending struct {
	server, database time.Duration
	memory           int64
}

// targets starts ours on PostgreSQL and on SQLite, and adds the peer where there
// is one. stop ends what was started, also after an error.
func (r *run) targets(ctx context.Context, database string) (all []*target, stop func() error, err error) {
	stop = func() (err error) {
		for _, t := range all {
			if t.process != nil {
				err = errors.Join(err, t.process.stop())
			}
		}
		return err
	}
	for _, backend := range []struct{ name, database string }{{"PostgreSQL", database}, {"SQLite", ""}} {
		if backend.name == "PostgreSQL" && database == "" {
			continue
		}
		t, err := r.ours(ctx, backend.name, backend.database)
		if err != nil {
			return all, stop, err
		}
		all = append(all, t)
	}
	if p := r.Workloads.Peer; p.Base != "" {
		t := &target{name: peerName, file: "peer", base: strings.TrimRight(p.Base, "/"), token: p.Token, after: p.AfterImport, pid: p.PID}
		if p.TokenCmd != "" {
			t.tokenCmd = []string{"sh", "-c", p.TokenCmd}
		}
		all = append(all, t)
	}
	return all, stop, nil
}

// ours is a service of its own with all that it does: tokens, audit, validation,
// history.
func (r *run) ours(ctx context.Context, backend, database string) (*target, error) {
	in, err := r.install("load-"+backend, database)
	if err != nil {
		return nil, err
	}
	p, err := r.start(ctx, in.service, "/healthz", "--log", "warn", "--config", in.file, "serve")
	if err != nil {
		return nil, err
	}
	t := &target{
		name: backend, file: strings.ToLower(backend), base: in.service + "/fhir/R4", process: p, dir: filepath.Dir(in.file),
		tokenCmd: []string{r.Binary, "--config", in.file, "token", "--scope", "system/*.cruds"},
	}
	if database != "" {
		if t.database, err = openPostgresProcess(ctx, database); err != nil {
			return nil, errors.Join(err, p.stop())
		}
	}
	return t, nil
}

// bearer is a fresh token, "" for a server that wants none.
func (t *target) bearer(ctx context.Context) (string, error) {
	if t.tokenCmd == nil {
		return t.token, nil
	}
	out, err := exec.CommandContext(ctx, t.tokenCmd[0], t.tokenCmd[1:]...).Output()
	if err != nil {
		return "", fmt.Errorf("the command for the token of %s: %w", t.name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// spent reads the clocks; what cannot be seen stays zero.
func (t *target) spent(ctx context.Context) (s spending, err error) {
	pid := t.pid
	if t.process != nil {
		pid = t.process.cmd.Process.Pid
	}
	if pid > 0 {
		if s.server, err = used(pid); err != nil {
			return s, err
		}
		if s.memory, err = peak(pid); err != nil {
			return s, err
		}
	}
	if t.database != nil {
		s.database, err = t.database.used()
	}
	return s, err
}

// settle is what follows a workload: the size of the database, and statistics
// after the import.
func (t *target) settle(ctx context.Context, w workload, m *Measured) (err error) {
	switch {
	case t.database != nil:
		if m.Disk, err = t.database.size(ctx); err == nil && w.name == "import" {
			err = t.database.analyze(ctx)
		}
	case t.dir != "":
		m.Disk, err = folderSize(t.dir)
	case t.after != "" && w.name == "import":
		var out []byte
		if out, err = exec.CommandContext(ctx, "sh", "-c", t.after).CombinedOutput(); err != nil {
			err = fmt.Errorf("the command after the peer's import: %w: %.300s", err, out)
		}
	}
	return err
}

func folderSize(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}
