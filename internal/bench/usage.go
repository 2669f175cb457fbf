package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// userHz is the unit of processor time in /proc (USER_HZ), which Linux fixes for
// programs at a hundredth of a second.
const userHz = time.Second / 100

// stat is what /proc tells of a process.
type stat struct {
	parent        int
	own, children time.Duration // processor time; children only those that have ended
}

func readStat(pid int) (s stat, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	// The name, in parentheses, may hold spaces; the parent is the second field
	// after it, utime and stime the 12th and 13th, those of children the next (proc(5)).
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 15 {
		return s, errors.New("/proc: a short stat line")
	}
	var ticks [4]int64
	s.parent, err = strconv.Atoi(fields[1])
	for i := range ticks {
		var failed error
		ticks[i], failed = strconv.ParseInt(fields[11+i], 10, 64)
		err = errors.Join(err, failed)
	}
	s.own, s.children = time.Duration(ticks[0]+ticks[1])*userHz, time.Duration(ticks[2]+ticks[3])*userHz
	if exact, ok := clock(pid); ok {
		s.own = exact
	}
	return s, err
}

// clock is the processor time of a process to the nanosecond, where the kernel tells it:
// a search takes less than a tick of userHz.
func clock(pid int) (time.Duration, bool) {
	const ofProcess = 2 // CPUCLOCK_SCHED; the rest of the number is made as clock_getcpuclockid(3) does
	var at syscall.Timespec
	_, _, fault := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(^int32(pid)<<3|ofProcess), uintptr(unsafe.Pointer(&at)), 0)
	return time.Duration(at.Nano()), fault == 0
}

// used is the processor time of a process so far.
func used(pid int) (time.Duration, error) {
	s, err := readStat(pid)
	return s.own, err
}

func (p *process) used() (time.Duration, error) { return used(p.cmd.Process.Pid) }

func (p *process) peak() (int64, error) { return peak(p.cmd.Process.Pid) }

// peak is the most memory that a process has had resident, in bytes.
func peak(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
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
