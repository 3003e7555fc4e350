// Command image builds spywire's container image without a container engine: an archive that docker, podman, containerd
// and registries take, with one image per platform, and beside it an SBOM of each. With -rootfs it writes the files of
// one platform's image instead, which is what the Dockerfile copies: both ways give the same files.
//
// Same sources, same version, same toolchain: same digests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// options are the flags.
type options struct {
	root      string // of the repository
	version   string
	revision  string    // of the sources, for the label; may be empty
	created   time.Time // of everything in the image
	platforms []v1.Platform
	out       string
	rootfs    string
	push      []string // references that the index gets
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "image:", err)
		}
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", "../..", "the repository's `directory`")
	flags.StringVar(&o.version, "version", "dev", "`version` that the binary and the image bear")
	flags.StringVar(&o.revision, "revision", "", "`commit` that it was built from")
	created := flags.Int64("created", 0, "time stamp of all files, in `seconds` since 1970, such as the commit's: what makes builds repeatable")
	platforms := flags.String("platforms", "linux/amd64,linux/arm64", "what to build for, comma-separated")
	flags.StringVar(&o.out, "out", "../../dist", "`directory` for the archive and the SBOMs")
	flags.StringVar(&o.rootfs, "rootfs", "", "write the files of the image into this `directory`, for the first platform, and nothing else")
	push := flags.String("push", "", "`references` to push the image to, comma-separated, such as registry.example/spywire:v1; credentials are those of docker login")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag, and there are no arguments", flags.Arg(0))
	}
	o.created = time.Unix(*created, 0).UTC()
	for name := range strings.SplitSeq(*platforms, ",") {
		p, err := v1.ParsePlatform(strings.TrimSpace(name))
		if err != nil || p.OS == "" || p.Architecture == "" {
			return o, fmt.Errorf("-platforms: %q is not a platform, want some such as linux/arm64", name)
		}
		o.platforms = append(o.platforms, *p)
	}
	if *push != "" {
		o.push = strings.Split(*push, ",")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.rootfs != "" {
		files, err := o.files(ctx, o.platforms[0])
		if err != nil {
			return err
		}
		return write(o.rootfs, files)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var built []image
	for _, p := range o.platforms {
		files, err := o.files(ctx, p)
		if err != nil {
			return err
		}
		img, err := o.assemble(p, files)
		if err != nil {
			return err
		}
		built = append(built, image{p, img})
		size, err := compressed(img)
		if err != nil {
			return err
		}
		fmt.Printf("%s  %.1f MB compressed\n", p, float64(size)/1e6)
		name := filepath.Join(o.out, fmt.Sprintf("spywire-%s-%s.cdx.json", p.OS, p.Architecture))
		if err := os.WriteFile(name, find(files, sbomPath).data, 0o644); err != nil {
			return err
		}
	}
	index, err := indexOf(built)
	if err != nil {
		return err
	}
	archive := filepath.Join(o.out, "spywire-image.tar")
	if err := save(archive, index, built, "spywire:"+o.version); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, "spywire-image.digest"), []byte(digest.String()+"\n"), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s  spywire:%s  %s\n", archive, o.version, digest)
	return pushAll(ctx, o.push, index)
}

// compile builds the binary for a platform and returns its content.
func (o options) compile(ctx context.Context, p v1.Platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "spywire-image-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is in the system's temporary directory
	binary := filepath.Join(dir, "spywire")
	// -buildvcs=false: the version is what -version says, wherever it is built.
	const telemetry = "-X github.com/spywire/spywire/internal/telemetry."
	stamp := "-s -w " + telemetry + "version=" + o.version + " " + telemetry + "revision=" + o.revision
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags", stamp, "-o", binary, "./cmd/spywire")
	cmd.Dir = o.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.OS, "GOARCH="+p.Architecture)
	if p.Architecture == "amd64" {
		cmd.Env = append(cmd.Env, "GOAMD64=v1") // the node may be older than this machine
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build for %s: %w: %s", p, err, said)
	}
	return os.ReadFile(binary)
}
