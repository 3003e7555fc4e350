package bus_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/spywire/spywire/internal/bus"
)

// A user that NATS gives no permissions is told so, and which, and does not wait for an answer that never comes.
func TestDeniedIsSaid(t *testing.T) {
	t.Parallel()
	deny, info := []string{">"}, []string{"$JS.API.INFO"}
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		Users: []*server.User{
			{Username: "admin", Password: "a"},
			{Username: "nobody", Password: "n", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: deny}, Subscribe: &server.SubjectPermission{Deny: deny}}},
			{Username: "deaf", Password: "d", Permissions: &server.Permissions{Subscribe: &server.SubjectPermission{Deny: []string{"spywire.>"}}}},
			{Username: "guest", Password: "g", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: info}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	timings := bus.FastTimings()
	timings.Publish = 10 * time.Minute // who waits for the answer fails the test by its own deadline
	as := func(login string) (*bus.Bus, error) {
		b, err := bus.Connect(t.Context(), bus.Options{URL: "nats://" + login + "@" + srv.Addr().(*net.TCPAddr).String(), Timings: timings, Budget: testBudget, Logger: testLog(t)})
		if err == nil {
			t.Cleanup(func() { b.Close() })
		}
		return b, err
	}
	denied := func(what string, err error, subject string) {
		t.Helper()
		for _, want := range []string{"this user may not", subject, "nats.creds"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", what, err, want)
			}
		}
		if bus.MayCome(err) {
			t.Errorf("%s: waiting would not help, %v", what, err)
		}
	}
	admin, err := as("admin:a")
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = as("nobody:n")
	denied("connect", err, "Permissions Violation")
	guest, err := as("guest:g")
	if err != nil {
		t.Fatal(err)
	}
	denied("apply", guest.Apply(t.Context()), "STREAM.INFO")
	denied("dead letters", guest.DeadLetters(t.Context(), bus.LetterFilter{}, func(bus.DeadLetter) bool { return true }), "SPYWIRE_DLQ")
	_, err = guest.Latest(t.Context(), bus.StreamStories, func(int) {}, "spywire.story.v1.primary.>")
	denied("latest", err, "SPYWIRE_STORIES")
	denied("tail", guest.Tail(t.Context(), "spywire.story.v1.>", bus.From{Start: true}, func(bus.Message) error { return context.Canceled }), "SPYWIRE_STORIES")
	nosub, err := as("deaf:d")
	if err != nil {
		t.Fatal(err)
	}
	denied("watch", nosub.Tail(t.Context(), "spywire.ledger.v1.>", bus.From{}, func(bus.Message) error { return nil }), "spywire.ledger.v1.>")
}
