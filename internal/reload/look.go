package reload

import (
	"os"
	"time"
)

// absent is how long a file may be missing before that is a fault: editors and deployments take it away for a
// moment.
const absent = 5 * time.Second

// look is what the files look like from outside: an edit changes it.
type look []glance

// glance is a file at one look; info is nil while it cannot be seen.
type glance struct {
	info     os.FileInfo
	gone     time.Time // since when
	optional bool
}

func (k *Kept) look(before look) look {
	files := k.Files()
	now := make(look, 0, len(files))
	for i, file := range files {
		info, err := os.Stat(file.Name)
		if err == nil {
			now = append(now, glance{info: info, optional: file.Optional})
			continue
		}
		gone := time.Now()
		if i < len(before) && before[i].info == nil {
			gone = before[i].gone
		}
		now = append(now, glance{gone: gone, optional: file.Optional})
	}
	return now
}

func (a look) same(b look) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i].info, b[i].info
		if (x == nil) != (y == nil) || x != nil && !(os.SameFile(x, y) && x.Size() == y.Size() && x.ModTime().Equal(y.ModTime())) {
			return false
		}
	}
	return true
}

// missing reports whether a file has only just gone, and may be back in a moment.
func (a look) missing() bool {
	for _, g := range a {
		if g.info == nil && !g.optional && time.Since(g.gone) < absent {
			return true
		}
	}
	return false
}
