package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// save writes an archive that is both an OCI layout, with all platforms, for podman, containerd, skopeo and newer dockers, and
// a "docker save" of this machine's platform, for older ones. They share the blobs.
func save(path string, index v1.ImageIndex, images []image, tag string) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".layout-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // its name says what it is to who finds it
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if err := l.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": tag, "io.containerd.image.name": "docker.io/library/" + tag,
	})); err != nil {
		return err
	}
	manifest, err := dockerManifest(native(images), tag)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o644); err != nil {
		return err
	}
	return pack(path, dir)
}

// native is the image for this machine's processor, or the first one.
func native(images []image) image {
	for _, img := range images {
		if img.platform.Architecture == runtime.GOARCH {
			return img
		}
	}
	return images[0]
}

func dockerManifest(img image, tag string) ([]byte, error) {
	m, err := img.Manifest()
	if err != nil {
		return nil, err
	}
	blob := func(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }
	entry := struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{Config: blob(m.Config.Digest), RepoTags: []string{tag}}
	for _, layer := range m.Layers {
		entry.Layers = append(entry.Layers, blob(layer.Digest))
	}
	return json.Marshal([]any{entry})
}

// pack makes a tar of what is in dir. The file is replaced as a whole or not at all.
func pack(path, dir string) (err error) {
	out, err := os.CreateTemp(filepath.Dir(path), ".image-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // gone already if all went well
	w := tar.NewWriter(out)
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		in, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: info.Size(), ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
		_, err = io.Copy(w, in)
		return err
	})
	if err := errors.Join(err, w.Close(), out.Chmod(0o644), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(out.Name(), path)
}

// pushAll gives the index to registries, with the credentials of `docker login`.
func pushAll(ctx context.Context, references []string, index v1.ImageIndex) error {
	for _, text := range references {
		ref, err := name.ParseReference(text)
		if err != nil {
			return fmt.Errorf("-push: %w", err)
		}
		if err := remote.WriteIndex(ref, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
			return fmt.Errorf("push to %s: %w", ref, err)
		}
		fmt.Println("pushed", ref)
	}
	return nil
}
