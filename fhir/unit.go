package fhir

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"tributary/fhir/tree"
)

// unit is one resource to be checked apart from the resources nested in it:
// contained ones, a Bundle's entries, a Parameters' resources.
type unit struct {
	node      tree.Value
	contained bool
	thorough  bool    // google/fhir is asked in any case
	local     *locals // what # references resolve to; shared by a container and its contained
}

// locals are the ids of a container's contained resources, read when the first
// # reference asks.
type locals struct {
	container tree.Value
	once      sync.Once
	ids       map[string]struct{}
}

func (l *locals) has(id string) bool {
	l.once.Do(func() {
		l.ids = map[string]struct{}{"": {}}
		for c := range l.container.Get("contained").Elements() {
			l.ids[c.Get("id").Text()] = struct{}{}
		}
	})
	_, ok := l.ids[id]
	return ok
}

// checkAll checks units and all that is nested in them, level by level.
func checkAll(units []unit) findings {
	var all findings
	for len(units) > 0 {
		found := make([]findings, len(units))
		nested := make([][]unit, len(units))
		concurrently(len(units), func(i int) { found[i], nested[i] = checkUnit(units[i]) })
		units = nil
		for i := range found {
			all.add(found[i])
			units = append(units, nested[i]...)
		}
	}
	return all
}

// checkUnit checks one resource and returns what is nested in it. google/fhir
// does not see a resource whose member names stand twice: which one counts?
func checkUnit(u unit) (findings, []unit) {
	if reason := noResource(u.node); reason != "" {
		return findings{faults: []fault{{at: u.node, code: "structure", reason: reason}}}, nil
	}
	if u.local == nil {
		u.local = &locals{container: u.node}
	}
	w := walker{unit: u}
	w.resource()
	if !w.ambiguous && !w.sure() {
		w.faults = append(w.faults, w.google()...)
	}
	if len(w.faults) > 1 {
		w.faults = slices.DeleteFunc(w.faults, func(f fault) bool { return f.reason == vague })
	}
	return w.findings, w.nested
}

// concurrently calls do for 0 to n-1, over all processors when that pays.
func concurrently(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/4)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}
