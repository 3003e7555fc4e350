package wild

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"time"
)

// bait listens on addresses of this machine that a reader of the public web has no business at, and counts who comes.
type bait struct {
	listeners []net.Listener
	visits    atomic.Int64
	port      int // on 127.0.0.1
	port6     int // on ::1; the same as port where the machine has no IPv6
}

func layBait() (*bait, error) {
	b := &bait{}
	four, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wild: bait: %w", err)
	}
	b.watch(four)
	b.port = four.Addr().(*net.TCPAddr).Port
	b.port6 = b.port
	if six, err := net.Listen("tcp", "[::1]:0"); err == nil {
		b.watch(six)
		b.port6 = six.Addr().(*net.TCPAddr).Port
	}
	return b, nil
}

func (b *bait) watch(l net.Listener) {
	b.listeners = append(b.listeners, l)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b.visits.Add(1)
			_ = conn.Close() // a connection is all that is counted
		}
	}()
}

func (b *bait) count() int { return int(b.visits.Load()) }

func (b *bait) stop() error {
	var errs []error
	for _, l := range b.listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// forbidden are addresses that a reader must not connect to, in the notations that resolvers and libraries read.
func (b *bait) forbidden() []string {
	return []string{
		"http://169.254.169.254/latest/meta-data/iam/", "http://10.0.0.1/", "http://192.168.1.1/admin", "http://100.64.0.1/",
		"http://[fd00::1]/", "http://[fe80::1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://metadata.google.internal.@127.0.0.1:" + fmt.Sprint(b.port) + "/",
		fmt.Sprintf("http://127.0.0.1:%d/", b.port), fmt.Sprintf("http://[::1]:%d/", b.port6), fmt.Sprintf("http://2130706433:%d/", b.port),
		fmt.Sprintf("http://0x7f000001:%d/", b.port), fmt.Sprintf("http://0177.0.0.1:%d/", b.port), fmt.Sprintf("http://127.1:%d/", b.port),
		fmt.Sprintf("http://[::ffff:127.0.0.1]:%d/", b.port), fmt.Sprintf("http://0.0.0.0:%d/", b.port), fmt.Sprintf("http://localhost:%d/", b.port),
		fmt.Sprintf("http://LOCALHOST.:%d/", b.port), fmt.Sprintf("http://127.0.0.1.:%d/", b.port),
	}
}

// untrusted is a certificate that ran out long ago and that nobody signed.
func untrusted() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bad.example"}, DNSNames: []string{"bad.example"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}
