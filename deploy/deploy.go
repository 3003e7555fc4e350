// Package deploy carries what an installation starts with: the list of feeds that is polled unless the
// configuration names others.
package deploy

import _ "embed"

// Feeds is feeds.opml, the default feed list.
//
//go:embed feeds.opml
var Feeds []byte
