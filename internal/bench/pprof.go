package bench

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Profile is where a server's processor time went during a workload.
type Profile struct {
	Workload string `json:"workload"`
	Server   string `json:"server"`
	// Packages is the share (0 to 1) of the samples with a function of that package
	// anywhere on the stack, Own with one at its top. Functions likewise.
	Packages  []Share `json:"packages"`
	Own       []Share `json:"own"`
	Functions []Share `json:"functions"`
}

// Share is a part of a whole.
type Share struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// topEntries are how many packages and functions of a profile are kept.
const topEntries = 15

// stacks are the samples of a profile: the functions on the stack, the one that
// ran first, and the time.
type stacks struct {
	functions [][]string
	values    []int64
}

// parseProfile reads what net/http/pprof serves: gzipped messages of profile.proto.
func parseProfile(raw []byte) (stacks, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return stacks{}, err
	}
	plain, err := io.ReadAll(io.LimitReader(zipped, 64<<20))
	if err != nil {
		return stacks{}, err
	}
	f := profileFile{functions: map[uint64]uint64{}, lines: map[uint64][]uint64{}}
	if err := fields(plain, f.field); err != nil {
		return stacks{}, err
	}
	return f.stacks(), nil
}

// profileFile is the parts of a Profile message that matter here.
type profileFile struct {
	samples   []profileSample
	lines     map[uint64][]uint64 // location -> functions, the inlined ones first
	functions map[uint64]uint64   // function -> its name in texts
	texts     []string
}

type profileSample struct{ locations, values []uint64 }

// The field numbers of profile.proto.
const (
	profileSampleField, profileLocationField, profileFunctionField, profileTextField = 2, 4, 5, 6
)

func (f *profileFile) field(number protowire.Number, value uint64, raw []byte) error {
	switch number {
	case profileSampleField:
		var s profileSample
		f.samples = append(f.samples, s)
		last := &f.samples[len(f.samples)-1]
		return fields(raw, func(n protowire.Number, v uint64, packed []byte) error {
			switch n {
			case 1:
				last.locations = append(last.locations, numbers(v, packed)...)
			case 2:
				last.values = append(last.values, numbers(v, packed)...)
			}
			return nil
		})
	case profileLocationField:
		return f.location(raw)
	case profileFunctionField:
		var id, name uint64
		err := fields(raw, func(n protowire.Number, v uint64, _ []byte) error {
			switch n {
			case 1:
				id = v
			case 2:
				name = v
			}
			return nil
		})
		f.functions[id] = name
		return err
	case profileTextField:
		f.texts = append(f.texts, string(raw))
	}
	return nil
}

func (f *profileFile) location(raw []byte) error {
	var id uint64
	var functions []uint64
	err := fields(raw, func(n protowire.Number, v uint64, line []byte) error {
		if n == 1 {
			id = v
		}
		if n != 4 {
			return nil
		}
		return fields(line, func(n protowire.Number, v uint64, _ []byte) error {
			if n == 1 {
				functions = append(functions, v)
			}
			return nil
		})
	})
	f.lines[id] = functions
	return err
}

func (f *profileFile) stacks() (out stacks) {
	for _, s := range f.samples {
		var names []string
		for _, location := range s.locations {
			for _, function := range f.lines[location] {
				if name := f.functions[function]; name < uint64(len(f.texts)) {
					names = append(names, f.texts[name])
				}
			}
		}
		if len(s.values) > 0 && len(names) > 0 {
			out.functions, out.values = append(out.functions, names), append(out.values, int64(s.values[len(s.values)-1]))
		}
	}
	return out
}

var errProfile = errors.New("it is damaged")

// fields hands out the fields of a message: value of a number, raw of the rest.
func fields(raw []byte, do func(number protowire.Number, value uint64, raw []byte) error) error {
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return errProfile
		}
		raw = raw[n:]
		var value uint64
		var inner []byte
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(raw)
		case protowire.BytesType:
			inner, n = protowire.ConsumeBytes(raw)
		default:
			n = protowire.ConsumeFieldValue(number, kind, raw)
		}
		if n < 0 {
			return errProfile
		}
		raw = raw[n:]
		if err := do(number, value, inner); err != nil {
			return err
		}
	}
	return nil
}

// numbers are those of a repeated field, packed or one.
func numbers(one uint64, packed []byte) []uint64 {
	if packed == nil {
		return []uint64{one}
	}
	var all []uint64
	for len(packed) > 0 {
		v, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			return all
		}
		all, packed = append(all, v), packed[n:]
	}
	return all
}

// top counts each function and package once a sample.
func (s stacks) top(workload, server string) Profile {
	var total int64
	functions, packages, own := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for i, names := range s.functions {
		total += s.values[i]
		own[packageOf(names[0])] += s.values[i]
		seenFunction, seenPackage := map[string]bool{}, map[string]bool{}
		for _, name := range names {
			if p := packageOf(name); !seenPackage[p] {
				seenPackage[p] = true
				packages[p] += s.values[i]
			}
			if !seenFunction[name] {
				seenFunction[name] = true
				functions[name] += s.values[i]
			}
		}
	}
	return Profile{workload, server, largest(packages, total), largest(own, total), largest(functions, total)}
}

// packageOf is the import path in a function's name.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + name
}

func largest(sums map[string]int64, total int64) []Share {
	names := slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	out := make([]Share, 0, topEntries)
	for _, name := range names[:min(topEntries, len(names))] {
		out = append(out, Share{name, float64(sums[name]) / float64(max(total, 1))})
	}
	return out
}
