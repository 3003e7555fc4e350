package feedlist

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/textproto"
	"os"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// secretHelp says what a secret file holds.
const secretHelp = "give it one header a line, for example \"Authorization: Bearer …\", or one line user:password"

// maxSecret is the largest secret file read, in bytes: headers larger than this no server takes.
const maxSecret = 16 << 10

// readSecret reads the headers a feed's host wants. No error holds any of the file's contents.
func readSecret(path string) (http.Header, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, err
	case info.Size() > maxSecret:
		return nil, fmt.Errorf("%s has %d bytes, more than %d", path, info.Size(), maxSecret)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		switch {
		case ok && !strings.ContainsAny(line, " \t"): // "user:password", where a header has a blank after its colon
			h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(line)))
			continue
		case !ok || value[0] != ' ' && value[0] != '\t':
			return nil, fmt.Errorf("%s:%d is no header", path, i+1)
		}
		name, value = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("%s:%d is no header", path, i+1)
		}
		if reserved(name) {
			return nil, fmt.Errorf("%s:%d sets %s, which is not for a list to set", path, i+1, name)
		}
		h.Add(name, value)
	}
	if len(h) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return h, nil
}

// reserved are headers that decide how a request travels, or say who asks.
func reserved(name string) bool {
	switch name {
	case "Host", "Connection", "Content-Length", "Transfer-Encoding", "Te", "Upgrade", "Accept-Encoding", "Range",
		"If-None-Match", "If-Modified-Since", "User-Agent":
		return true
	}
	return false
}
