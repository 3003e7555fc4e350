package embedded

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// passwordName is the file with the password of TCP clients, where the options name none.
const passwordName = "nats.password"

// doorkeeper lets in who comes from inside (the process itself, or the socket that only its user can open),
// and asks clients over TCP for the password.
type doorkeeper struct{ user, password string }

// Check implements server.Authentication.
func (d doorkeeper) Check(c server.ClientAuthentication) bool {
	if addr := c.RemoteAddress(); addr != nil && addr.Network() == "pipe" {
		return true
	}
	got := c.GetOpts()
	user := subtle.ConstantTimeCompare([]byte(got.Username), []byte(d.user))
	return user&subtle.ConstantTimeCompare([]byte(got.Password), []byte(d.password)) == 1
}

// password is the one given, the one kept from an earlier start, or a new one.
func (o Options) password() (string, error) {
	if o.Password != "" {
		return o.Password, nil
	}
	path := filepath.Join(o.Dir, passwordName)
	kept, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(kept)); err == nil && text != "" {
		return text, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("password of TCP clients: %w", err)
	}
	made := rand.Text()
	if err := os.WriteFile(path, []byte(made+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("password of TCP clients: %w", err)
	}
	return made, nil
}
