package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Kind is why there is no answer. It is a metric label.
type Kind string

// The closed list of kinds.
const (
	None             Kind = ""
	DNS              Kind = "dns"
	TLS              Kind = "tls"
	Timeout          Kind = "timeout"
	Refused          Kind = "refused"
	Unreachable      Kind = "unreachable"
	Reset            Kind = "reset"
	Slow             Kind = "slow"
	BadHTTP          Kind = "bad_http"
	TooLarge         Kind = "too_large"
	ForbiddenAddress Kind = "forbidden_address"
	Canceled         Kind = "canceled"
)

// Kinds are all kinds but None.
func Kinds() []Kind {
	return []Kind{DNS, TLS, Timeout, Refused, Unreachable, Reset, Slow, BadHTTP, TooLarge, ForbiddenAddress, Canceled}
}

// fault is an error whose kind was decided where it arose.
type fault struct {
	kind Kind
	err  error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func fail(kind Kind, err error) error { return &fault{kind, err} }

// Of is the kind of an error that Client.Do returned; None for nil.
func Of(err error) Kind {
	if err == nil {
		return None
	}
	var known *fault
	if errors.As(err, &known) {
		return known.kind
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return DNS
	}
	if isTLS(err) {
		return TLS
	}
	var op net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &op) && op.Timeout():
		return Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return Unreachable
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Reset
	}
	// net/http has no types for these two.
	if text := err.Error(); strings.Contains(text, "server closed idle connection") || strings.Contains(text, "connection lost") {
		return Reset
	}
	return BadHTTP
}

// Words are what went wrong, for a person: without the URL, which the reader knows, and without this machine's own
// addresses, which are nobody's business.
func Words(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err + ": " + dns.Name
	}
	var known *fault
	if errors.As(err, &known) {
		return known.Error()
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	if inner := errors.Unwrap(err); inner != nil {
		err = inner // "get URL: ", "post URL: "
	}
	return err.Error()
}

func isTLS(err error) bool {
	var (
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &authority) ||
		errors.As(err, &name) || errors.As(err, &invalid) || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "TLS handshake timeout") || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}
