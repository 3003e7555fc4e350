package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// heaviest is what a node may have to pull, in bytes.
const heaviest = 25_000_000

const version = "v1.2.3-test"

// The whole command: two platforms are built, written, read back from the archive, and pushed to a registry on loopback.
func TestImage(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	pushed := strings.TrimPrefix(server.URL, "http://") + "/spywire:" + version
	out := t.TempDir()
	args := []string{"-version", version, "-revision", "abc", "-created", "1764000000", "-out", out, "-push", pushed}
	if err := run(t.Context(), args); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(out, "spywire-image.tar")
	dir := t.TempDir()
	untar(t, archive, dir)
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := outer.IndexManifest()
	if err != nil || len(listed.Manifests) != 1 {
		t.Fatalf("the layout lists %v (%v), want the one index", listed, err)
	}
	if got := listed.Manifests[0].Annotations["io.containerd.image.name"]; got != "docker.io/library/spywire:"+version {
		t.Errorf("containerd would call it %q", got)
	}
	index, err := outer.ImageIndex(listed.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, m := range manifest.Manifests {
		platforms = append(platforms, m.Platform.String())
		img, err := index.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(m.Platform.Architecture, func(t *testing.T) { checkImage(t, img, *m.Platform, out) })
	}
	if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("platforms %v, want %v", platforms, want)
	}

	// What older dockers load is the image of this machine's platform.
	loaded, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if config, err := loaded.ConfigFile(); err != nil || config.Architecture != runtime.GOARCH {
		t.Errorf("docker load gives %v (%v), want %s", config, err, runtime.GOARCH)
	}
	ref, err := name.ParseReference(pushed)
	if err != nil {
		t.Fatal(err)
	}
	there, err := remote.Index(ref)
	if err != nil {
		t.Fatal(err)
	}
	mine, _ := index.Digest()
	if said, err := os.ReadFile(filepath.Join(out, "spywire-image.digest")); err != nil || string(said) != mine.String()+"\n" {
		t.Errorf("the digest beside the archive is %q (%v), want %v", said, err, mine)
	}
	if digest, err := there.Digest(); err != nil || digest != mine {
		t.Errorf("the registry has %v (%v), the archive %v", digest, err, mine)
	}
}

func checkImage(t *testing.T, img v1.Image, p v1.Platform, out string) {
	if size, err := compressed(img); err != nil || size > heaviest {
		t.Errorf("%d bytes compressed (%v), want %d at most", size, err, heaviest)
	} else {
		t.Logf("%.1f MB compressed", float64(size)/1e6)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || len(config.Config.Volumes) > 0 {
		t.Errorf("user %q, volumes %v; want 65532:65532 and none", config.Config.User, config.Config.Volumes)
	}
	for key, want := range map[string]string{"version": version, "revision": "abc", "created": "2025-11-24T16:00:00Z"} {
		if got := config.Config.Labels["org.opencontainers.image."+key]; got != want {
			t.Errorf("label %s is %q, want %q", key, got, want)
		}
	}
	root := t.TempDir()
	content := mutate.Extract(img)
	defer content.Close()
	owners := extract(t, content, root)
	for path, uid := range owners {
		info, err := os.Lstat(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if writable := uid != 0 || info.Mode().Perm()&0o022 != 0; writable && path != "var/lib/spywire" && path != "tmp" {
			t.Errorf("%s (%v, uid %d) may be written by the process", path, info.Mode(), uid)
		}
		if info.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
	}
	binary := filepath.Join(root, "usr/local/bin/spywire")
	checkStatic(t, binary, p)
	checkSBOM(t, binary, filepath.Join(root, sbomPath), filepath.Join(out, "spywire-linux-"+p.Architecture+".cdx.json"))
	for _, name := range []string{"LICENSE", "NOTICE"} {
		want, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, docs, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s does not go with the image: %v", name, err)
		}
	}
	certificates, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err != nil || !c.IsCA {
			t.Errorf("certificate %d: %v", n, err)
		}
		n++
	}
	if n < 50 {
		t.Errorf("%d certificate authorities; the web has more", n)
	}
	if p.Architecture == runtime.GOARCH {
		checkRuns(t, root, config.Config)
	}
}

// checkStatic: nothing is loaded but the binary itself, and it is for that processor.
func checkStatic(t *testing.T, binary string, p v1.Platform) {
	f, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, prog := range f.Progs {
		if prog.Type == elf.PT_INTERP || prog.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary has a %v segment: it is not static", prog.Type)
		}
	}
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[p.Architecture]; f.Machine != want {
		t.Errorf("the binary is for %v, want %v", f.Machine, want)
	}
}

// checkSBOM: every module that the binary says it has is in the bill, in its version, and the release has the same bill.
func checkSBOM(t *testing.T, binary, path, beside string) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := os.ReadFile(beside); err != nil || !bytes.Equal(other, data) {
		t.Errorf("the SBOM beside the archive is another than the one in the image: %v", err)
	}
	var bill struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version, Purl string }
	}
	if err := json.Unmarshal(data, &bill); err != nil {
		t.Fatal(err)
	}
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.Version != version {
		t.Errorf("%s of %s, want CycloneDX of %s", bill.BOMFormat, bill.Metadata.Component.Version, version)
	}
	has := map[string]string{}
	for _, c := range bill.Components {
		has[c.Name] = c.Version
	}
	if len(info.Deps) < 20 {
		t.Errorf("the binary names %d modules", len(info.Deps))
	}
	for _, m := range info.Deps {
		if has[m.Path] != m.Version {
			t.Errorf("%s is %q in the SBOM, %s in the binary", m.Path, has[m.Path], m.Version)
		}
	}
	for _, other := range []string{"std", "lid.176.ftz", "ca-certificates.crt"} {
		if _, ok := has[other]; !ok {
			t.Errorf("the SBOM lacks %s", other)
		}
	}
}

// checkRuns runs the binary with nothing but the image around it, as the image's user.
func checkRuns(t *testing.T, root string, config v1.Config) {
	spywire := func(args ...string) string {
		cmd := exec.Command(config.Entrypoint[0], args...)
		cmd.Dir, cmd.Env = config.WorkingDir, config.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}
		if os.Getuid() != 0 { // in a user namespace anybody may change the root
			cmd.SysProcAttr.Credential = &syscall.Credential{NoSetGroups: true}
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("spywire %s in the image: %v: %s", strings.Join(args, " "), err, said)
		}
		return string(said)
	}
	if got := spywire("version"); !strings.HasPrefix(got, "spywire "+version+" ") {
		t.Errorf("spywire version says %q, want %s", got, version)
	}
	if got := spywire("config", "print"); !strings.Contains(got, "data_dir: /var/lib/spywire") {
		t.Errorf("the configuration of the image: %s", got)
	}
}

// Same sources, same image.
func TestRepeatable(t *testing.T) {
	files := []file{{path: "etc", mode: 0o755}, {path: "etc/a", mode: 0o644, data: []byte("a")}}
	o := options{version: version}
	var digests []v1.Hash
	for range 2 {
		img, err := o.assemble(v1.Platform{OS: "linux", Architecture: "arm64"}, files)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest)
	}
	if digests[0] != digests[1] {
		t.Errorf("two builds of the same files are %v", digests)
	}
}

// The Dockerfile says of the image what config does.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	config := options{version: "$VERSION", revision: "$REVISION"}.config()
	for key, value := range config.Labels {
		if want := key + `="` + value + `"`; !strings.Contains(string(text), want) && !strings.HasSuffix(key, ".created") {
			t.Errorf("deploy/Dockerfile lacks the label %s", want)
		}
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "ARG ") && strings.Contains(line, "TARGETARCH=") {
			t.Error("a default of TARGETARCH in deploy/Dockerfile wins over --platform: arm64 images would have amd64 programs")
		}
	}
	for _, want := range []string{
		"ENV " + strings.Join(config.Env, " "), "USER " + config.User, "WORKDIR " + config.WorkingDir, "EXPOSE 8040",
		`ENTRYPOINT ["` + config.Entrypoint[0] + `"]`, `CMD ["` + config.Cmd[0] + `"]`, "FROM scratch",
	} {
		if !strings.Contains(string(text), "\n"+want+"\n") {
			t.Errorf("deploy/Dockerfile lacks the line %s", want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, tc := range [][2]string{
		{"-platforms linux", `"linux" is not a platform`},
		{"extra", `"extra" is not a flag`},
	} {
		if err := run(t.Context(), strings.Fields(tc[0])); err == nil || !strings.Contains(err.Error(), tc[1]) {
			t.Errorf("%s: %v, want %s", tc[0], err, tc[1])
		}
	}
}

func untar(t *testing.T, path, dir string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	extract(t, f, dir)
}

// extract writes a tar below dir and returns whose each file is to be. Everything is made the test's own, but what the image's user may write.
func extract(t *testing.T, r io.Reader, dir string) map[string]int {
	owners := map[string]int{}
	for reader := tar.NewReader(r); ; {
		h, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return owners
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		owners[strings.TrimSuffix(h.Name, "/")] = h.Uid
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			data, readErr := io.ReadAll(reader)
			err = errors.Join(readErr, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o600))
		}
		if err == nil {
			err = os.Chmod(path, h.FileInfo().Mode())
		}
		if err == nil && os.Getuid() == 0 {
			err = os.Chown(path, h.Uid, h.Gid)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
