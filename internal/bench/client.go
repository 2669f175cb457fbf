package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many requests are under way at a time.
const connections = 16

// getter asks for paths over connections that it keeps. It does less than
// http.Client, because what it spends is taken from the server that it measures.
type getter struct {
	address string
	header  string // further lines of every request
	paths   []string
}

// run asks for random paths until the time is up and returns how many were
// answered; an answer other than 200 is an error.
func (g getter) run(ctx context.Context, d time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var n atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for i := range connections {
		group.Go(func() {
			if err := g.connection(ctx, rand.New(rand.NewPCG(1, uint64(i))), &n); err != nil {
				failed.Store(&err)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return int(n.Load()), nil
}

// rounds asks for all paths, one after another, as often as it takes to fill the
// time, and returns how many were answered.
func (g getter) rounds(ctx context.Context, least time.Duration) (n int, err error) {
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for begun := time.Now(); n == 0 || time.Since(begun) < least; {
		for _, path := range g.paths {
			if err := g.once(ctx, conn, in, path); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

func (g getter) once(ctx context.Context, conn net.Conn, in *bufio.Reader, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, g.request(path)); err != nil {
		return err
	}
	return answered(in, path)
}

func (g getter) connection(ctx context.Context, random *rand.Rand, n *atomic.Int64) error {
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for ctx.Err() == nil {
		path := g.paths[random.IntN(len(g.paths))]
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if _, err := io.WriteString(conn, g.request(path)); err != nil {
			return err
		}
		if err := answered(in, path); err != nil {
			return err
		}
		n.Add(1)
	}
	return nil
}

func (g getter) request(path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + g.address + "\r\n" + g.header + "\r\n"
}

func answered(in *bufio.Reader, path string) error {
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		typ, _, _ := strings.Cut(path, "?")
		return fmt.Errorf("%s was answered with HTTP %d", typ, res.StatusCode)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// ask sends one GET with a token.
func ask(ctx context.Context, target, token string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultClient.Do(req)
}
