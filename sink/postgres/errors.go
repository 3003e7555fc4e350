package postgres

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/spywire/spywire/sink"
)

// hints say what a person can do about a failure of the database, by SQLSTATE or the beginning of one: the first that
// fits. What heals by itself once the server is well wraps sink.ErrAway.
var hints = []struct {
	state string
	away  bool
	says  string
}{
	{"28", false, "the server refuses the user or the password: check both in store, SPYWIRE_STORE_FILE or PGPASSFILE, and the server's pg_hba.conf"},
	{"3D000", false, "there is no such database: create it (createdb --encoding=UTF8), spywire makes the tables"},
	{"3F000", false, "there is no such schema: create it, or correct search_path"},
	{"42501", false, "the user lacks a right: let it own the database (ALTER DATABASE … OWNER TO …), or GRANT it what is named here"},
	{"42P01", false, "a table of spywire is gone: restore a backup"},
	{"42703", false, "a column of spywire is gone: restore a backup"},
	{"25006", true, "the server takes no writes: it is a standby, or default_transaction_read_only is on; name the primary server, or turn it off"},
	{"53100", true, "the server's disk is full: make room, nothing is lost"},
	{"53200", true, "the server is out of memory: raise its limits (max_locks_per_transaction, work_mem), nothing is lost"},
	{"53300", true, "the server has no connection left: raise max_connections, or put PgBouncer in front, nothing is lost"},
	{"53", true, "the server is short of resources, nothing is lost"},
	{"55P03", true, "another sink holds the rows for long: is one of them paused?"},
	{"57P03", true, "the server is starting or stopping"},
	{"57P", true, "the server was stopped"},
	{"57014", true, "the server gave the statement up: check statement_timeout"},
	{"58", true, "the server's disk fails: see its log"},
	{"XX001", false, "the server's data is damaged: restore a backup"},
	{"XX002", false, "an index of the server is damaged: REINDEX DATABASE repairs it"},
	{"08", true, "the connection to the server failed"},
	{"40", true, "another transaction was in the way, it will be tried again"},
	{"25P03", true, "the transaction stood still for too long, it will be tried again"},
}

// explain says what was being done, and in plain words why it failed. A record that the database refuses for what it is
// becomes sink.ErrRecord.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	var coded *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &coded):
		// Data the server cannot take, constraints, and rows or index entries that are too long.
		if strings.HasPrefix(coded.Code, "22") || strings.HasPrefix(coded.Code, "23") || coded.Code == "54000" {
			return fmt.Errorf("%s: %w: %w", doing, sink.ErrRecord, err)
		}
		for _, h := range hints {
			switch {
			case !strings.HasPrefix(coded.Code, h.state):
			case h.away:
				return fmt.Errorf("%s: %s: %w: %w", doing, h.says, sink.ErrAway, oneLine{err})
			default:
				return fmt.Errorf("%s: %s: %w", doing, h.says, oneLine{err})
			}
		}
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, net.ErrClosed), strings.Contains(err.Error(), "unexpected EOF"), strings.Contains(err.Error(), "conn closed"):
		return fmt.Errorf("%s: the server does not answer: start it, or check host and port: %w: %w", doing, sink.ErrAway, oneLine{err})
	}
	return fmt.Errorf("%s: %w", doing, oneLine{err})
}

// oneLine is an error in one line: that of a connection has one for every address.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }
