package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// environment reads every variable of ours. One that is none of ours although it starts like one is a typing
// error, or comes from Kubernetes.
func (l *loader) environment(environ []string) {
	given := map[string]string{}
	var names []string
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, envPrefix) {
			if _, twice := given[name]; !twice {
				names = append(names, name)
			}
			given[name] = value
		}
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(l.leaves, func(k leaf) bool {
			return k.env() == name || k.secret() && k.env()+fileSuffix == name
		})
		switch {
		case i < 0:
			l.unknownVariable(name)
		case l.leaves[i].env() == name:
			l.text(name, l.leaves[i], given[name])
		default:
			_, both := given[l.leaves[i].env()]
			l.secretFile(name, l.leaves[i], given[name], both)
		}
	}
}

func (l *loader) unknownVariable(name string) {
	var known []string
	for _, k := range l.leaves {
		known = append(known, k.env())
	}
	hint := suggest(name, known)
	if plain, ok := strings.CutSuffix(name, fileSuffix); ok && slices.Contains(known, plain) {
		hint = fmt.Sprintf(", %s is not a secret: want it in %s", keyOf(plain, l.leaves), plain)
	} else if strings.HasSuffix(name, "_SERVICE_HOST") || strings.Contains(name, "_PORT") {
		hint = ", Kubernetes makes it for a service of our name: want enableServiceLinks: false in the pod"
	}
	l.fault(name, "", "is not a variable of spywire%s", hint)
}

func keyOf(env string, leaves []leaf) string {
	return leaves[slices.IndexFunc(leaves, func(k leaf) bool { return k.env() == env })].name
}

// secretFile takes a secret from a file, without the line break that editors put at its end.
func (l *loader) secretFile(name string, k leaf, path string, both bool) {
	if both {
		l.fault(name, k.name, "%s is set as well, want only one of them", k.env())
		return
	}
	data, err := readCapped(path)
	if err != nil {
		l.fault(name, k.name, "cannot read the secret: %v", err)
		return
	}
	l.text(name, k, strings.TrimRight(string(data), "\r\n"))
	if !l.bad[k.name] {
		l.cfg.origins[k.name] = name + " " + path
	}
}

// maxFile is far above any configuration a person writes, and keeps /dev/zero out of memory.
const maxFile = 1 << 20

func readCapped(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plainPathError(path, err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a directory, want a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plainPathError(path, err)
	}
	defer f.Close() // only read from
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, plainPathError(path, err)
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s is larger than %s, want a file that a person writes", path, formatSize(maxFile))
	}
	return data, nil
}

func plainPathError(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		return fmt.Errorf("%s: %w", path, cause.Err)
	}
	return err
}
