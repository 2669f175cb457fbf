package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// userHz is the unit of processor time in /proc (USER_HZ), which Linux fixes for
// programs at a hundredth of a second.
const userHz = time.Second / 100

// used is the processor time of the process so far.
func (p *process) used() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name, in parentheses, may hold spaces; utime and stime are the 12th and
	// 13th fields after it (proc(5)).
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc: a short stat line")
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * userHz, errors.Join(err1, err2)
}

// peak is the most memory that the process has had resident, in bytes.
func (p *process) peak() (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("/proc: no VmHWM")
}

// spend runs something and returns how long it took, and the processor time that
// the process spent meanwhile.
func (p *process) spend(do func() error) (took, spent time.Duration, err error) {
	before, err := p.used()
	if err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	if err := do(); err != nil {
		return 0, 0, err
	}
	took = time.Since(begun)
	after, err := p.used()
	return took, after - before, err
}
