package mail

import (
	"bufio"
	"context"
	"encoding/base64"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestMailboxKeepsWhatIsSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		box := Mailbox{DB: s, Now: func() time.Time { return at }}
		want := Message{To: "ada@example.org", Subject: "Your code", Text: "123456"}
		if err := box.Send(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		got, err := box.Latest(t.Context(), "ada@example.org")
		if err != nil || len(got) != 1 || got[0].Text != want.Text || got[0].Subject != want.Subject || !got[0].At.Equal(at) {
			t.Errorf("kept %+v (%v)", got, err)
		}
	})
}

// server is an SMTP server for one message, which it answers with.
func server(t *testing.T) (port int, message <-chan string) {
	t.Helper()
	return serverThat(t, "250 ok")
}

// serverThat answers commands with the line.
func serverThat(t *testing.T, ok string) (port int, message <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := make(chan string, 1)
	go serve(l, got, ok)
	return l.Addr().(*net.TCPAddr).Port, got
}

// serve answers every command as RFC 5321 has it, and keeps what follows DATA.
func serve(l net.Listener, got chan<- string, ok string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 test")
	var body strings.Builder
	inside := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := lines.Text(); {
		case inside && line == ".":
			inside = false
			got <- body.String()
			say("250 kept")
		case inside:
			body.WriteString(line + "\n")
		case line == "DATA":
			inside = true
			say("354 go on")
		case line == "QUIT":
			say("221 bye")
			return
		case strings.HasPrefix(line, "RCPT"):
			say(ok)
		default:
			say("250 ok")
		}
	}
}

func TestSMTP(t *testing.T) {
	port, got := server(t)
	s := SMTP{Host: "127.0.0.1", Port: port, From: "study@example.org", Plaintext: true}
	if err := s.Send(t.Context(), Message{To: "ada@example.org", Subject: "Your code", Text: "123456"}); err != nil {
		t.Fatal(err)
	}
	body := <-got
	for _, want := range []string{"Subject: Your code", "ada@example.org", "123456"} {
		if !strings.Contains(body, want) {
			t.Errorf("the message lacks %q:\n%s", want, body)
		}
	}
}

func TestAttachmentsGoWithTheMessage(t *testing.T) {
	port, got := server(t)
	s := SMTP{Host: "127.0.0.1", Port: port, From: "study@example.org", Plaintext: true}
	m := Message{To: "ada@example.org", Subject: "Your signed copy", Text: "It is attached.", Attachments: []Attachment{{"signed-document.pdf", "application/pdf", []byte("%PDF-1.7 content")}}}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	body := <-got
	for _, want := range []string{"application/pdf", `filename="signed-document.pdf"`, base64.StdEncoding.EncodeToString([]byte("%PDF-1.7 content")), "It is attached."} {
		if !strings.Contains(body, want) {
			t.Errorf("the message lacks %q:\n%s", want, body)
		}
	}
}

func TestSMTPWithoutTLSIsRefusedUnlessAllowed(t *testing.T) {
	port, _ := server(t)
	err := SMTP{Host: "127.0.0.1", Port: port, From: "study@example.org"}.Send(t.Context(), Message{To: "ada@example.org", Text: "123456"})
	if err == nil {
		t.Error("a code went to " + strconv.Itoa(port) + " without TLS")
	}
}

func TestErrorsNameNobody(t *testing.T) {
	err := SMTP{Host: "127.0.0.1", Port: 1, From: "study@example.org"}.Send(context.Background(), Message{To: "ada example"})
	if err == nil || strings.Contains(err.Error(), "ada") {
		t.Errorf("error %v", err)
	}
}

func TestRefusalsNameNobody(t *testing.T) {
	port, _ := serverThat(t, "550 5.1.1 <ada@example.org> is not known here")
	s := SMTP{Host: "127.0.0.1", Port: port, From: "study@example.org", Plaintext: true}
	err := s.Send(t.Context(), Message{To: "ada@example.org", Text: "123456"})
	if err == nil || strings.Contains(err.Error(), "ada") || !strings.Contains(err.Error(), "550") {
		t.Errorf("error %v", err)
	}
}
