package newsroom_test

import (
	"testing"

	"github.com/spywire/spywire/internal/newsroom"
)

func TestNew(t *testing.T) {
	n, err := newsroom.New(newsroom.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(n.Expectations()), len(n.Feeds()))
}
