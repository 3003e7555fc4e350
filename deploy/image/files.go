package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is who the process is. Kubernetes wants a number to see that it is not root; this is the one that distroless
// images use.
const user = 65532

const (
	docs     = "usr/share/doc/spywire/"
	sbomPath = docs + "sbom.cdx.json"
	dataDir  = "var/lib/spywire"
)

// file is one file of the image, or a directory where data is nil.
type file struct {
	path string // without a leading slash
	mode fs.FileMode
	uid  int
	data []byte
}

// files are all files of the image for a platform, directories before what is in them.
func (o options) files(ctx context.Context, p v1.Platform) ([]file, error) {
	binary, err := o.compile(ctx, p)
	if err != nil {
		return nil, err
	}
	list := []file{
		{path: "etc", mode: 0o755}, {path: "etc/ssl", mode: 0o755}, {path: "etc/ssl/certs", mode: 0o755},
		{path: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, data: roots()},
		{path: "etc/passwd", mode: 0o644, data: []byte("root:x:0:0:root:/:/sbin/nologin\nspywire:x:65532:65532:spywire:/var/lib/spywire:/sbin/nologin\n")},
		{path: "etc/group", mode: 0o644, data: []byte("root:x:0:\nspywire:x:65532:\n")},
		{path: "tmp", mode: 0o777 | fs.ModeSticky},
		{path: "usr", mode: 0o755}, {path: "usr/share", mode: 0o755}, {path: "usr/share/doc", mode: 0o755}, {path: "usr/share/doc/spywire", mode: 0o755},
	}
	for _, name := range []string{"LICENSE", "NOTICE"} {
		text, err := os.ReadFile(filepath.Join(o.root, name))
		if err != nil {
			return nil, err
		}
		list = append(list, file{path: docs + name, mode: 0o644, data: text})
	}
	bill, err := sbom(binary, o.version, o.created)
	if err != nil {
		return nil, err
	}
	return append(list,
		file{path: sbomPath, mode: 0o644, data: bill},
		file{path: "usr/local", mode: 0o755}, file{path: "usr/local/bin", mode: 0o755},
		file{path: "usr/local/bin/spywire", mode: 0o755, data: binary},
		file{path: "var", mode: 0o755}, file{path: "var/lib", mode: 0o755},
		file{path: dataDir, mode: 0o700, uid: user},
	), nil
}

// find is the file of that path, which is there.
func find(files []file, path string) file {
	for _, f := range files {
		if f.path == path {
			return f
		}
	}
	return file{}
}

// roots are the certificate authorities that Mozilla trusts, in PEM. One that is trusted up to a date only is left out,
// since a PEM file cannot say so.
func roots() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			// Writing to a buffer does not fail.
			_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
		}
	}
	return out.Bytes()
}

// write puts the files below dir. Only root can give them to their owner; the Dockerfile is root.
func write(dir string, files []file) error {
	for _, f := range files {
		path := filepath.Join(dir, f.path)
		var err error
		if f.data == nil {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, f.data, f.mode.Perm())
		}
		if err == nil {
			err = os.Chmod(path, f.mode)
		}
		if err == nil && os.Getuid() == 0 {
			err = os.Chown(path, f.uid, f.uid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// archive is files as a layer: a tar whose every time stamp is created.
func archive(files []file, created time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		header := &tar.Header{
			Name: f.path, Mode: int64(f.mode.Perm()), Uid: f.uid, Gid: f.uid, ModTime: created, Size: int64(len(f.data)),
			Typeflag: tar.TypeReg, Format: tar.FormatPAX,
		}
		if f.mode&fs.ModeSticky != 0 {
			header.Mode |= 0o1000
		}
		if f.data == nil {
			header.Typeflag, header.Name = tar.TypeDir, f.path+"/"
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), w.Close()
}
