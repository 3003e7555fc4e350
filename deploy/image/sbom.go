package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// sbom is a CycloneDX 1.6 document of what is in the image: the modules that the linker recorded in the binary, the Go
// standard library, and the data from elsewhere that NOTICE names.
func sbom(binary []byte, version string, created time.Time) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("the binary does not say what it was built from: %w", err)
	}
	main := cdx.Component{
		Type: cdx.ComponentTypeApplication, Name: "spywire", Version: version, BOMRef: purl(info.Main.Path, version), PackageURL: purl(info.Main.Path, version),
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}},
	}
	components := []cdx.Component{library("std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		components = append(components, module(m))
	}
	components = append(components,
		cdx.Component{Type: cdx.ComponentTypeMachineLearningModel, Name: "lid.176.ftz", BOMRef: "data:lid.176", Licenses: &cdx.Licenses{{License: &cdx.License{ID: "CC-BY-SA-3.0"}}}},
		cdx.Component{Type: cdx.ComponentTypeData, Name: "ca-certificates.crt", BOMRef: "data:roots", Description: "the certificate authorities that Mozilla trusts", Licenses: &cdx.Licenses{{License: &cdx.License{ID: "MPL-2.0"}}}},
	)
	refs := make([]string, len(components))
	for i, c := range components {
		refs[i] = c.BOMRef
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Timestamp: created.Format(time.RFC3339), Component: &main}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func module(m *debug.Module) cdx.Component { return library(m.Path, m.Version) }

func library(path, version string) cdx.Component {
	return cdx.Component{Type: cdx.ComponentTypeLibrary, Name: path, Version: version, BOMRef: purl(path, version), PackageURL: purl(path, version), Scope: cdx.ScopeRequired}
}

// purl is the package URL of a Go module.
func purl(path, version string) string {
	return "pkg:golang/" + path + "@" + url.PathEscape(version) + "?type=module"
}
