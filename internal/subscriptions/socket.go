package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"tributary/internal/session"
	"tributary/internal/store"
)

// Bounds of WebSockets: how many this process serves, how long one may take to bind
// and to take a message, and how often it looks for what other processes numbered.
const (
	maxSockets  = 1000
	bindTimeout = 30 * time.Second
	socketPoll  = 500 * time.Millisecond
	socketPause = 10 * time.Millisecond
	socketWrite = 10 * time.Second
)

// sockets are the open WebSockets of this process.
type sockets struct {
	mu     sync.Mutex
	limit  int
	closed bool
	open   map[*websocket.Conn]context.CancelFunc
}

func (s *sockets) add(c *websocket.Conn, cancel context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.open) >= s.limit {
		return false
	}
	if s.open == nil {
		s.open = map[*websocket.Conn]context.CancelFunc{}
	}
	s.open[c] = cancel
	return true
}

func (s *sockets) remove(c *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

func (s *sockets) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for cancel := range maps.Values(s.open) {
		cancel()
	}
}

// ServeSocket serves the WebSockets that $get-ws-binding-token names. Who may listen
// is said by the token in the first message, never by a cookie: any origin may connect.
func (s *Service) ServeSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has been answered
	}
	defer conn.CloseNow() //nolint:errcheck // it is over
	conn.SetReadLimit(4 << 10)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	if !s.sockets.add(conn, cancel) {
		conn.Close(websocket.StatusTryAgainLater, "too many connections; try again later") //nolint:errcheck // it is over
		return
	}
	defer s.sockets.remove(conn)
	l := &listener{Service: s, conn: conn, sent: map[string]*binding{}}
	err = l.run(ctx, cancel)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		conn.Close(websocket.StatusPolicyViolation, refused.text) //nolint:errcheck // it is over
	case errors.Is(err, context.Canceled):
		conn.Close(websocket.StatusGoingAway, "") //nolint:errcheck // it is over
	case err != nil && websocket.CloseStatus(err) < 0:
		s.Logger.Debug("a websocket ended", "error", err)
	}
}

// listener is one WebSocket and the subscriptions that are bound to it.
type listener struct {
	*Service
	conn *websocket.Conn
	mu   sync.Mutex
	sent map[string]*binding
}

type binding struct {
	number int64 // the last that was sent
	at     time.Time
}

// run binds, then sends what comes until the client goes or nothing is bound any more.
func (l *listener) run(ctx context.Context, cancel context.CancelFunc) error {
	first, done := context.WithTimeout(ctx, bindTimeout)
	err := l.bind(first)
	done()
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() {
		defer cancel()
		for {
			if err := l.bind(ctx); err != nil {
				failed <- err
				return
			}
		}
	}()
	err = l.listen(ctx)
	select {
	case why := <-failed:
		return why
	default:
		return err
	}
}

// bind reads one message: bind-with-token <token>.
func (l *listener) bind(ctx context.Context) error {
	_, message, err := l.conn.Read(ctx)
	if err != nil {
		return err
	}
	token, ok := strings.CutPrefix(strings.TrimSpace(string(message)), "bind-with-token ")
	if !ok {
		return &refusal{text: "send bind-with-token and the token of $get-ws-binding-token"}
	}
	value, found, err := l.Tokens.Take(ctx, session.Key(bindingTokens, strings.TrimSpace(token)))
	if err != nil {
		return err
	}
	var ids []string
	if !found || json.Unmarshal(value, &ids) != nil {
		return &refusal{text: "the token is not valid, or not any more; ask $get-ws-binding-token for another"}
	}
	for _, id := range ids {
		if err := l.begin(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// begin shakes hands for a subscription; its events are sent from here on.
func (l *listener) begin(ctx context.Context, id string) error {
	row, err := l.begun(ctx, id)
	if err != nil {
		return err
	}
	w, err := l.watch(row)
	if err != nil {
		return err
	}
	if err := l.write(ctx, l.notification(handshake, w, nil)); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[id] = &binding{number: row.Number, at: l.Now()}
	return nil
}

// begun waits until a subscription that was asked for a moment ago is active: what
// follows its handshake is told.
func (l *listener) begun(ctx context.Context, id string) (store.Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, bindTimeout)
	defer cancel()
	timer := time.NewTimer(socketPoll)
	defer timer.Stop()
	for {
		committed := l.Store.Committed()
		row, err := l.rows.Get(ctx, l.Store, id)
		if errors.Is(err, store.ErrNotFound) {
			return row, &refusal{text: "the subscription is not there any more"}
		}
		if err != nil || row.Status != store.SubscriptionRequested {
			return row, err
		}
		if err := wait(ctx, committed, timer); err != nil {
			return row, err
		}
	}
}

func (l *listener) write(ctx context.Context, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, socketWrite)
	defer cancel()
	return l.conn.Write(ctx, websocket.MessageText, message)
}

func (l *listener) listen(ctx context.Context) error {
	timer := time.NewTimer(socketPoll)
	defer timer.Stop()
	for {
		committed := l.Store.Committed()
		l.mu.Lock()
		bound := maps.Clone(l.sent)
		l.mu.Unlock()
		if len(bound) == 0 {
			return &refusal{text: "no subscription is bound any more"}
		}
		for _, id := range slices.Sorted(maps.Keys(bound)) {
			if err := l.tell(ctx, id, bound[id]); err != nil {
				return err
			}
		}
		if err := wait(ctx, committed, timer); err != nil {
			return err
		}
	}
}

// wait is for a commit, after which it pauses so that many become one, or the poll.
func wait(ctx context.Context, committed <-chan struct{}, timer *time.Timer) error {
	timer.Reset(socketPoll)
	select {
	case <-committed:
		timer.Reset(socketPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}
