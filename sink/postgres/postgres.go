// Package postgres keeps stories and the ledger in a PostgreSQL database: the store of several machines. Any number of
// sinks may write it at once. It needs no state of a session, so PgBouncer may stand between, pooling sessions or transactions.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/spywire/spywire/sink"
)

// Store is a sink.Store in a PostgreSQL database.
type Store struct {
	name   string // where it is, for a person; without the password
	pool   *pgxpool.Pool
	health sink.Health
	reads  bool // it was opened for reading
	sizes  sizes
	looked atomic.Bool // for stories that the search index lacks
}

var _ sink.Store = (*Store)(nil)

// connectWait is how long a server may take to answer where the DSN does not say it: a host that drops packets would
// otherwise hold a batch until the system gives up, after minutes.
const connectWait = 10 * time.Second

// Open connects to the database that dsn names, a postgres:// URL, brings its tables up to date and makes sure that they
// can be written. What the URL leaves out, a password among it, comes from the variables and files that libpq knows:
// PGPASSWORD, PGPASSFILE or ~/.pgpass, PGHOST and so on. The database itself has to exist, with encoding UTF8. No error
// has the password in it.
func Open(ctx context.Context, dsn string) (*Store, error) {
	return open(ctx, dsn, false, migrate)
}

// OpenReadOnly connects for reading, as commands do beside a running instance. It creates and migrates nothing, and a
// standby server will do.
func OpenReadOnly(ctx context.Context, dsn string) (*Store, error) {
	return open(ctx, dsn, true, readable)
}

func open(ctx context.Context, dsn string, reads bool, prepare func(context.Context, *pgxpool.Pool) error) (*Store, error) {
	config, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{name: describe(config.ConnConfig), reads: reads, sizes: segmentSizes}
	config.AfterConnect = takeVectors
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, explain("open store "+s.name, err)
	}
	if err := prepare(ctx, s.pool); err != nil {
		s.pool.Close()
		return nil, explain("open store "+s.name, err)
	}
	return s, nil
}

// parse reads a DSN. Its errors never quote it: what cannot be read may have the password anywhere.
func parse(dsn string) (*pgxpool.Config, error) {
	const want = "want postgres://USER@HOST:5432/DATABASE; in a password, everything but letters and digits is percent-encoded"
	if _, err := url.Parse(dsn); err != nil {
		return nil, errors.New("store: is not a URL that can be read, " + want)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		var parts *pgconn.ParseConfigError
		if cause := errors.Unwrap(err); errors.As(err, &parts) && cause != nil && !quotes(cause.Error(), dsn) {
			return nil, fmt.Errorf("store: %w: %s", cause, want)
		}
		return nil, errors.New("store: is not a URL of a PostgreSQL database, " + want)
	}
	// Statements have no names, which would have to be known to whichever server PgBouncer hands a transaction; what their
	// parameters are is remembered here instead.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectWait
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "spywire"
	}
	return config, nil
}

// quotes reports whether a text may have something secret of a DSN in it.
func quotes(text, dsn string) bool {
	u, err := url.Parse(dsn)
	if err != nil {
		return true
	}
	password, _ := u.User.Password()
	for _, secret := range []string{password, u.Query().Get("password"), u.Query().Get("sslpassword")} {
		if secret != "" && (strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) || strings.Contains(text, url.PathEscape(secret))) {
			return true
		}
	}
	return false
}

// describe is where a database is.
func describe(c *pgx.ConnConfig) string {
	place := fmt.Sprintf("%s:%d", c.Host, c.Port)
	if strings.HasPrefix(c.Host, "/") {
		place = c.Host // the directory of a socket
	}
	return fmt.Sprintf("PostgreSQL database %s of user %s at %s", c.Database, c.User, place)
}

// Close ends all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ping implements sink.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.health.Check(); err != nil {
		return err
	}
	var version int
	return explain("read store "+s.name, s.pool.QueryRow(ctx, "SELECT version FROM spywire_schema").Scan(&version))
}
