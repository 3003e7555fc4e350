// Command chart packs the Helm chart of a version, with the rules and dashboards in it, as `helm package` does, and lets it install that
// version's image from where it was pushed. It is in this module for helm's packages.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/chart/v2/util"
)

func main() {
	version := flag.String("version", "dev", "`version` of the chart and tag of its image, such as v1.2.3")
	image := flag.String("image", "", "`repository` of the image, such as registry.example/spywire/spywire; without it users have to name theirs")
	dir := flag.String("chart", "../helm/spywire", "the chart's `directory`")
	out := flag.String("out", "../../dist", "`directory` for the package")
	flag.Parse()
	path, err := pack(*dir, *out, *version, *image)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// unnamed is the line of values.yaml that says where the image is.
const unnamed = "repository: spywire/spywire "

// pack returns the path of the package.
func pack(dir, out, version, image string) (string, error) {
	c, err := loader.Load(dir)
	if err != nil {
		return "", err
	}
	number := strings.TrimPrefix(version, "v")
	if _, err := semver.StrictNewVersion(number); err != nil { // a commit between releases
		number = "0.0.0-dev.g" + version
	}
	c.Metadata.Version, c.Metadata.AppVersion = number, version
	for _, f := range c.Raw {
		if f.Name != util.ValuesfileName || image == "" {
			continue
		}
		if bytes.Count(f.Data, []byte(unnamed)) != 1 {
			return "", fmt.Errorf("%s has not the line %q once, to write the image into", f.Name, unnamed)
		}
		f.Data = bytes.Replace(f.Data, []byte(unnamed), []byte("repository: "+image+" "), 1)
	}
	return util.Save(c, out)
}
