package clients

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// written is the address that documents write; ours is another, so that several
// can be followed at a time.
const written = "127.0.0.1:8080"

// shell is a developer's bash, in a folder with bin/tributary.
type shell struct {
	*testing.T
	dir     string
	address string
	in      io.Writer
	out     *bufio.Scanner
	faults  *strings.Builder
}

// installation is a fresh `tributary run` in a folder of its own.
func installation(t *testing.T) (w *world, dir string) {
	t.Helper()
	dir, address := t.TempDir(), freePort(t)
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "tributary"), "tributary/cmd/tributary").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server := exec.Command(filepath.Join(dir, "bin", "tributary"), "run", "--patients", "1")
	server.Dir, server.Env = dir, environment(address, freePort(t))
	server.Cancel = nil
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := server.Wait(); err != nil {
			t.Errorf("tributary run: %v", err)
		}
	})
	running := make(chan bool, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "Ctrl-C") {
				running <- true
			}
		}
	}()
	select {
	case <-running:
	case <-time.After(2 * patience):
		t.Fatal("tributary run does not say that it runs")
	}
	return &world{T: t, base: "http://" + address, fhir: "http://" + address + "/fhir/R4", http: &http.Client{Timeout: patience}}, dir
}

// environment is that of both the service and the developer's shell.
func environment(address, sandbox string) []string {
	return append(os.Environ(), "TRIBUTARY_LISTEN="+address, "TRIBUTARY_SANDBOX__LISTEN="+sandbox, "LC_ALL=C.UTF-8")
}

func (w *world) shell(dir string) *shell {
	w.Helper()
	for _, tool := range []string{"bash", "curl", "jq", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			w.Skipf("%s is not here", tool)
		}
	}
	address := strings.TrimPrefix(w.base, "http://")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	w.Cleanup(cancel)
	bash := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	bash.Dir, bash.Env = dir, environment(address, "127.0.0.1:0")
	s := &shell{T: w.T, dir: dir, address: address, faults: new(strings.Builder)}
	bash.Stderr = s.faults
	in, err := bash.StdinPipe()
	if err != nil {
		w.Fatal(err)
	}
	out, err := bash.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := bash.Start(); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { in.Close(); bash.Wait() })
	s.in, s.out = in, bufio.NewScanner(out)
	s.out.Buffer(nil, 16<<20)
	return s
}

const endOfBlock = "-- the block has ended with status "

// runs gives bash a block, with what the developer types while it runs. It returns
// what was printed; another status than 0 is a fault.
func (s *shell) runs(b block, typed ...string) string {
	s.Helper()
	file := filepath.Join(s.dir, fmt.Sprintf("block-%d.sh", b.line))
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(b.commands, written, s.address)+"\n"), 0o600); err != nil {
		s.Fatal(err)
	}
	s.faults.Reset()
	fmt.Fprintf(s.in, "source %s; printf '\\n%%s%%s\\n' '%s' $?\n", file, endOfBlock)
	for _, line := range typed {
		fmt.Fprintln(s.in, line)
	}
	var printed []string
	for s.out.Scan() {
		if status, ended := strings.CutPrefix(s.out.Text(), endOfBlock); ended {
			output := strings.ReplaceAll(strings.Join(printed, "\n"), s.address, written)
			if status != "0" {
				s.Errorf("line %d (%s): status %s\n%s\n%s\n%s", b.line, b.heading, status, b.commands, output, s.faults)
			}
			return output
		}
		printed = append(printed, s.out.Text())
	}
	s.Fatalf("line %d (%s): bash has ended: %s", b.line, b.heading, s.faults)
	return ""
}

// keeps runs a block and holds it to its answer.
func (s *shell) keeps(b block, typed ...string) string {
	s.Helper()
	output := s.runs(b, typed...)
	if b.answered && !agrees(b.answer, output) {
		s.Errorf("line %d (%s):\n%s\nthe document promises:\n%s\nit was:\n%s\n%s", b.line, b.heading, b.commands, b.answer, output, s.faults)
	}
	return output
}
