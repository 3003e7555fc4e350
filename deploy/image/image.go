package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/google/go-containerregistry/pkg/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// image is what was built for a platform.
type image struct {
	platform v1.Platform
	v1.Image
}

// assemble makes an image out of files: one layer, for no two releases share a file worth sharing.
func (o options) assemble(p v1.Platform, files []file) (v1.Image, error) {
	content, err := archive(files, o.created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		// gzip, not zstd, which engines in use do not all read; its best level, since one build is pulled many times.
		tarball.WithCompression(compression.GZip), tarball.WithCompressionLevel(9), tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching,
	)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: o.created}, CreatedBy: "deploy/image", Comment: "spywire " + o.version}})
	if err != nil {
		return nil, err
	}
	made, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	made = made.DeepCopy()
	made.OS, made.Architecture, made.Variant = p.OS, p.Architecture, p.Variant
	made.Created, made.Config = v1.Time{Time: o.created}, o.config()
	return mutate.ConfigFile(img, made)
}

// config is how the image runs when nobody says otherwise: as a user without rights, reachable from outside of the
// container, with its data where a volume goes. There are no Volumes: Kubernetes would make each a place to write.
func (o options) config() v1.Config {
	return v1.Config{
		User: fmt.Sprintf("%d:%d", user, user), Entrypoint: []string{"/usr/local/bin/spywire"}, Cmd: []string{"run"},
		Env:        []string{"PATH=/usr/local/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "SPYWIRE_DATA_DIR=/" + dataDir, "SPYWIRE_LISTEN=:8040"},
		WorkingDir: "/" + dataDir, StopSignal: "SIGTERM", ExposedPorts: map[string]struct{}{"8040/tcp": {}}, Labels: o.labels(),
	}
}

func (o options) labels() map[string]string {
	const key = "org.opencontainers.image."
	l := map[string]string{
		key + "title": "spywire", key + "version": o.version, key + "licenses": "Apache-2.0", key + "created": o.created.Format(time.RFC3339),
		key + "description": "A news monitor for intelligence operations and the deaths of defectors",
	}
	if o.revision != "" {
		l[key+"revision"] = o.revision
	}
	return l
}

// indexOf is the multi-platform image.
func indexOf(images []image) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, img := range images {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img.Image, Descriptor: v1.Descriptor{Platform: &img.platform}})
	}
	_, err := index.Digest()
	return index, err
}

// compressed is how many bytes a node pulls: configuration and layers, in bytes.
func compressed(img v1.Image) (int64, error) {
	m, err := img.Manifest()
	if err != nil {
		return 0, err
	}
	size := m.Config.Size
	for _, l := range m.Layers {
		size += l.Size
	}
	return size, nil
}
