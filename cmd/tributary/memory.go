package main

import (
	"bufio"
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// The heap may grow to five times what lives on it before it is collected:
// requests leave much behind and the service holds little, so that with Go's
// default a read spends an eighth of its time on collecting. Near half of the
// machine's memory the collector works as hard as it must instead.
const (
	heapGrowth  = 400 // percent
	memoryShare = 2   // of the machine's memory: one half
)

// tuneCollector sets what the environment (GOGC, GOMEMLIMIT) leaves open.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if total := machineMemory(); os.Getenv("GOMEMLIMIT") == "" && total > 0 {
		debug.SetMemoryLimit(total / memoryShare)
	}
}

// machineMemory is what this process may use, in bytes: the container's limit
// where there is one, else what the machine has; 0 where neither can be read.
func machineMemory() int64 {
	total := totalMemory(readOrNothing("/proc/meminfo"))
	limit, err := strconv.ParseInt(strings.TrimSpace(string(readOrNothing("/sys/fs/cgroup/memory.max"))), 10, 64)
	if err == nil && limit > 0 && (limit < total || total == 0) { // "max" is no limit
		return limit
	}
	return total
}

func readOrNothing(path string) []byte {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil // not Linux, or not allowed: there is a default
	}
	return raw
}

// totalMemory reads MemTotal, which /proc/meminfo gives in KiB.
func totalMemory(meminfo []byte) int64 {
	for lines := bufio.NewScanner(bytes.NewReader(meminfo)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "MemTotal:" {
			continue
		}
		kib, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return 0
		}
		return kib << 10
	}
	return 0
}
