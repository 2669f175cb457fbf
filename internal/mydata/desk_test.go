package mydata

import (
	"context"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/errs"
)

// queue is a desk with places that have names.
type queue struct {
	*testing.T
	*desk
	at map[string]*place
}

func (l *queue) joins(person, name string) {
	l.Helper()
	p, err := l.join(person)
	if err != nil {
		l.Fatalf("%s: %v", name, err)
	}
	l.at[name] = p
}

// has checks whose turn it is.
func (l *queue) has(names string) {
	l.Helper()
	for name, p := range l.at {
		var turn bool
		select {
		case <-p.turn:
			turn = true
		default:
		}
		if turn != strings.Contains(names, name) {
			l.Fatalf("turn of %s: %v, want those of %s", name, turn, names)
		}
	}
}

func (l *queue) leaves(name string) {
	l.leave(l.at[name])
	delete(l.at, name)
}

// Of each person one paper is made at a time, and who has had one is behind those who wait.
func TestPapersAreMadeInTurn(t *testing.T) {
	l := &queue{t, newDesk(2), map[string]*place{}}
	l.joins("ada", "a1")
	l.joins("ada", "a2")
	l.has("a1")
	if _, err := l.join("ada"); !errs.Is(err, errs.TooMany) {
		t.Errorf("a third paper: %v", err)
	}
	l.joins("bob", "b1")
	l.has("a1 b1") // past ada's second
	l.joins("cyd", "c1")
	l.joins("dan", "d1")
	l.leaves("a1")
	l.has("b1 c1") // ada's second is behind
	l.leaves("b1")
	l.has("c1 d1")
	l.leaves("d1")
	l.has("c1 a2")
	l.joins("eve", "e1")
	l.joins("ada", "a3")
	l.leaves("e1") // gives up
	l.leaves("a2")
	l.has("c1 a3")
	l.leaves("c1")
	l.leaves("a3")
	if l.free != 2 || len(l.making) != 0 || len(l.waiting) != 0 {
		t.Errorf("the desk is not as it was: %+v", l.desk)
	}
}

// Who finds every place taken waits, and is told so when the wait was for nothing.
func TestPapersWaitForAPlace(t *testing.T) {
	s := New(Config{})
	for _, person := range []string{"ada", "bob"} {
		leave, err := s.desk.sit(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PDF(gone, access.Actor{ID: "cyd"}, Paper{}, nil); !errs.Is(err, errs.Unavailable) {
		t.Errorf("one paper more than there are places for: %v", err)
	}
	if len(s.desk.waiting) != 0 {
		t.Error("who has gone still waits")
	}
}
