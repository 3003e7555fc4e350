package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/spywire/spywire/classifier"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"spywire": main})
}

// TestScripts runs every script in testdata/script against the real command, each in an empty directory. See
// `go doc github.com/rogpeppe/go-internal/testscript` for the language.
func TestScripts(t *testing.T) {
	if scripts, err := filepath.Glob("testdata/script/*.txtar"); err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"until":    until,
			"exits":    exits,
			"repeat":   repeat,
			"serve":    serve,
			"model":    model,
			"freeaddr": freeAddr,
		},
	})
}

// freeAddr puts a loopback address that nobody listens on into a variable:
//
//	freeaddr ADDR
func freeAddr(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeaddr VARIABLE")
	}
	for {
		// Below the ports that systems give to outgoing connections, so that none takes it before its server does.
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(15_000)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		ts.Check(err)
		ts.Check(listener.Close())
		ts.Setenv(args[0], listener.Addr().String())
		return
	}
}

// until runs a command again and again until it succeeds and its standard output matches:
//
//	until 30s 'now: stored' spywire why URL
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: until DURATION REGEXP COMMAND…")
	}
	patience, err := time.ParseDuration(args[0])
	ts.Check(err)
	want, err := regexp.Compile(args[1])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[2], args[3:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("after %s: %v, and the output does not match %s", patience, err, want)
		}
	}
}

// exits runs a command and wants this exit code: exits 2 spywire run --nonsense
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "exit status " + args[0]
	if args[0] == "0" && err == nil || err != nil && err.Error() == code {
		return
	}
	ts.Fatalf("want %s, got %v", code, err)
}

// repeat writes a file of so many times a text: repeat page.html 1000000 '<p>text</p>'
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat FILE COUNT TEXT")
	}
	count := 0
	for _, c := range args[1] {
		count = 10*count + int(c-'0')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(args[2], count)), 0o600))
}

// model writes the built-in model with other thresholds, in ten-thousandths, for a label and for review:
// model strict.model 9900 8000
func model(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: model FILE THRESHOLD REVIEW")
	}
	c, err := classifier.New()
	ts.Check(err)
	m := c.Model()
	for i := range m.Categories {
		w := &m.Categories[i]
		_, err := fmt.Sscan(args[1]+" "+args[2], &w.Threshold, &w.Review)
		ts.Check(err)
	}
	var artefact bytes.Buffer
	ts.Check(m.Encode(&artefact))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), artefact.Bytes(), 0o600))
}

// serve answers requests for HOST/PATH with the file of that name below a directory until the script ends, 404 where
// there is none, and sends connections to *.localhost there: serve site
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve DIRECTORY")
	}
	dir := ts.MkAbs(args[0])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := filepath.Join(dir, r.Host, filepath.FromSlash(r.URL.Path))
		body, err := os.ReadFile(file)
		if err != nil {
			body, err = os.ReadFile(filepath.Join(file, "index.html"))
		}
		if err != nil {
			http.NotFound(w, r)
			return
		}
		kind := map[string]string{".xml": "application/xml", ".txt": "text/plain"}[filepath.Ext(file)]
		w.Header().Set("Content-Type", cmp.Or(kind, "text/html; charset=utf-8"))
		_, _ = w.Write(body) // the reader may hang up
	}))
	ts.Defer(server.Close)
	ts.Setenv("SPYWIRE_FETCH_CONNECT_TO", "*.localhost="+server.Listener.Addr().String())
}
