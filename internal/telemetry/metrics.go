package telemetry

import (
	"cmp"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Build is what this binary was made from.
type Build struct {
	Version  string `json:"version"`  // a release, a pseudo-version, or "(devel)"
	Revision string `json:"revision"` // commit, with "+dirty" if the tree had changes; "unknown" outside a checkout
	Go       string `json:"go"`
}

// version and revision are what the linker was told to write there, which the Makefile and deploy/image do.
var version, revision string

// ReadBuild is what the linker was told, and for the rest what the Go toolchain put into the binary.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: "unknown"}
	}
	b := Build{Version: cmp.Or(version, info.Main.Version, "(devel)"), Revision: cmp.Or(revision, "unknown"), Go: info.GoVersion}
	dirty := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty {
		b.Revision += "+dirty"
	}
	return b
}

// NewRegistry is a registry with what every process exports: the Go runtime, the process and spywire_build_info.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	b := ReadBuild()
	promauto.With(reg).NewGaugeVec(prometheus.GaugeOpts{
		Name: "spywire_build_info",
		Help: "Always 1; the labels say what the binary was built from.",
	}, []string{"version", "revision", "go"}).WithLabelValues(b.Version, b.Revision, b.Go).Set(1)
	return reg
}
