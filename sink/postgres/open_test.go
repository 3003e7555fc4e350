package postgres_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/postgres/cluster"
	"github.com/spywire/spywire/sink/sinktest"
)

// exec runs a statement in the database of a DSN past the store.
func exec(t *testing.T, dsn, statement string) {
	t.Helper()
	if err := server.Exec(t.Context(), databaseOf(t, dsn), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func databaseOf(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// secret is a password with all that a URL takes apart.
const secret = "hun/ter?2@#:% +x"

// guarded lets the user with a password own a database, and returns a DSN of his without it.
func guarded(t *testing.T, dsn string) string {
	t.Helper()
	exec(t, dsn, fmt.Sprintf(`DO $$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN END $$`, cluster.Guarded))
	exec(t, dsn, fmt.Sprintf("ALTER ROLE %s LOGIN PASSWORD '%s' CONNECTION LIMIT -1", cluster.Guarded, secret))
	exec(t, dsn, "ALTER DATABASE "+databaseOf(t, dsn)+" OWNER TO "+cluster.Guarded)
	exec(t, dsn, "ALTER SCHEMA public OWNER TO "+cluster.Guarded)
	return server.DSN(cluster.Guarded, databaseOf(t, dsn))
}

func withPassword(t *testing.T, dsn, password string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOpenErrors opens what is no store of ours. Every error says where and what is wrong, and none has a password.
func TestOpenErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dsn string) string // gives the DSN to open
		says  string
		away  bool
		reads string // by OpenReadOnly, where it differs; "-" if it works
	}{
		{"no server", func(t *testing.T, dsn string) string {
			return strings.Replace(dsn, url.QueryEscape(server.Dir), url.QueryEscape(t.TempDir()), 1)
		}, "the server does not answer", true, ""},
		{"no database", func(*testing.T, string) string { return server.DSN(cluster.Owner, "nowhere") }, "there is no such database: create it", false, ""},
		{"wrong password", func(t *testing.T, dsn string) string { return withPassword(t, guarded(t, dsn), "other"+secret) },
			"the server refuses the user or the password", false, ""},
		{"no password", guarded, "the server refuses the user or the password", false, ""},
		{"unreadable", func(*testing.T, string) string { return "postgres://user:" + secret + "@host/db" }, "a URL", false, ""},
		{"unreadable port", func(*testing.T, string) string { return "postgres://user:" + url.QueryEscape(secret) + "@host:port/db" }, "a URL", false, ""},
		{"unknown sslmode", func(*testing.T, string) string {
			return "postgres://user@host/db?sslmode=sometimes&password=" + url.QueryEscape(secret)
		}, "sslmode", false, ""},
		{"empty", func(_ *testing.T, dsn string) string { return dsn }, "", false, "holds no stories yet"},
		{"newer", func(t *testing.T, dsn string) string {
			must(t, open(t, dsn).Close())
			exec(t, dsn, "UPDATE spywire_schema SET version = 1000")
			return dsn
		}, "written by a newer spywire (schema 1000", false, ""},
		{"another program's", func(t *testing.T, dsn string) string {
			exec(t, dsn, "CREATE TABLE stories (title text)")
			return dsn
		}, "has a table stories of another program", false, ""},
		{"another encoding", func(t *testing.T, dsn string) string {
			name := databaseOf(t, dsn) + "_latin1"
			exec(t, dsn, "CREATE DATABASE "+name+" ENCODING LATIN1 TEMPLATE template0")
			return server.DSN(cluster.Owner, name)
		}, "has encoding LATIN1", false, ""},
		{"no schema", func(t *testing.T, dsn string) string {
			exec(t, dsn, "DROP SCHEMA public")
			return dsn
		}, "search_path names no schema", false, ""},
		{"read-only", func(t *testing.T, dsn string) string {
			must(t, open(t, dsn).Close())
			exec(t, dsn, "ALTER DATABASE "+databaseOf(t, dsn)+" SET default_transaction_read_only = on")
			return dsn
		}, "the server takes no writes", true, "-"},
		{"may not make tables", func(t *testing.T, dsn string) string {
			mine := guarded(t, dsn)
			exec(t, dsn, "ALTER SCHEMA public OWNER TO "+cluster.Owner)
			exec(t, dsn, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
			return withPassword(t, mine, secret)
		}, "the user lacks a right", false, "holds no stories yet"},
		{"may not write a table", func(t *testing.T, dsn string) string {
			mine := withPassword(t, guarded(t, dsn), secret)
			must(t, open(t, mine).Close())
			exec(t, dsn, "ALTER TABLE ledger OWNER TO "+cluster.Owner)
			exec(t, dsn, "GRANT SELECT, INSERT, UPDATE ON ledger TO "+cluster.Guarded)
			return mine
		}, "lacks the right to DELETE on ledger", false, "-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn := c.spoil(t, database(t))
			check := func(how string, s *postgres.Store, err error, says string) {
				t.Helper()
				switch {
				case err == nil:
					must(t, s.Close())
					if says != "" {
						t.Errorf("%s: no error, want %q", how, says)
					}
				case says == "" || !strings.Contains(err.Error(), says) || errors.Is(err, sink.ErrAway) != c.away:
					t.Errorf("%s: %v (away: %v), want %q", how, err, errors.Is(err, sink.ErrAway), says)
				case strings.Contains(err.Error(), "hun") || strings.Contains(err.Error(), "ter?2") || strings.Contains(err.Error(), "\n"):
					t.Errorf("%s: the error has the password in it, or more than a line: %v", how, err)
				}
			}
			reads := c.says
			if c.reads != "" {
				reads = strings.TrimPrefix(c.reads, "-")
			}
			s, err := postgres.OpenReadOnly(t.Context(), dsn)
			check("OpenReadOnly", s, err, reads)
			s, err = postgres.Open(t.Context(), dsn)
			check("Open", s, err, c.says)
		})
	}
}

// TestPasswordFile has the password from where libpq looks for it.
func TestPasswordFile(t *testing.T) {
	dsn := guarded(t, database(t))
	file := filepath.Join(t.TempDir(), "pgpass")
	must(t, os.WriteFile(file, []byte("*:*:*:"+cluster.Guarded+":"+strings.ReplaceAll(secret, ":", `\:`)+"\n"), 0o600))
	t.Setenv("PGPASSFILE", file)
	must(t, open(t, dsn).Ping(t.Context()))
}

// TestOpenTogether has several processes open an empty database at once, as a cluster's sinks do.
func TestOpenTogether(t *testing.T) {
	dsn := database(t)
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() {
			s, err := postgres.Open(t.Context(), dsn)
			if errs[i] = err; err == nil {
				errs[i] = s.Close()
			}
		})
	}
	group.Wait()
	must(t, errors.Join(errs...))
	s := open(t, dsn)
	must(t, sink.New(s, sink.Options{}).Stories(t.Context(), batch(0, 3)))
	reader, err := postgres.OpenReadOnly(t.Context(), dsn)
	must(t, err)
	defer reader.Close()
	if _, err := reader.Story(t.Context(), sinktest.Story(1).ID); err != nil {
		t.Error(err)
	}
	if err := sink.New(reader, sink.Options{}).Stories(t.Context(), batch(3, 1)); err == nil || !strings.Contains(err.Error(), "opened for reading") {
		t.Errorf("writing a store opened for reading: %v", err)
	}
}
