package sqlite

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
)

// mark is a state of the database: the header of the write-ahead log's index, which
// every commit of every process changes before it is over, and which is memory that
// all of them share. Readers of SQLite go by the same bytes: while they stay as they
// are, so does all that was read (sqlite.org/walformat.html, section 2.2).
type mark [48]byte

// The fields of the header, in the byte order of the machine.
const (
	markVersion = 3007000 // at 0
	commitsAt   = 8       // counts commits
	inUseAt     = 12      // 1 once the header is filled in
)

// commits is how many there were, modulo 1<<32.
func (m *mark) commits() uint32 { return binary.NativeEndian.Uint32(m[commitsAt:]) }

// marks reads the state as it is.
type marks struct{ header []byte }

// openMarks finds the index of a database that this process has open.
//
// The file stays open, and mapped, until the process ends: closing it, as closing any
// other descriptor of the same file would, takes the locks away that the process holds
// on it (fcntl(2)), under connections that are at work.
func openMarks(path string) (*marks, error) {
	name := path + "-shm"
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	header, err := syscall.Mmap(fd, 0, len(mark{}), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "mmap", Path: name, Err: err}
	}
	m := &marks{header}
	if now := m.now(); binary.NativeEndian.Uint32(now[:]) != markVersion || now[inUseAt] != 1 {
		return nil, fmt.Errorf("%s is of another version of SQLite", name)
	}
	return m, nil
}

// now is the state. A commit that is being made while the bytes are copied leaves some
// of them as no state has them, and what was read as of an earlier one does not count.
func (m *marks) now() (now mark) {
	copy(now[:], m.header)
	return now
}
