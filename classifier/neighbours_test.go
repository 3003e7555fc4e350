package classifier

import (
	"reflect"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// TestServedBy: the same text is the same story under every name of its language.
func TestServedBy(t *testing.T) {
	c := newClassifier(t)
	published := time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ title, text, date, victim string }{
		{"Bivši špijun otrovan u Zagrebu", "Bivši ruski špijun Timofej Larin otrovan je u ponedjeljak u Zagrebu. Policija sumnja na rusku tajnu službu, javlja Danas.", "2026-11-16", "Timofej Larin"},
		{"Bivši špijun otrovan u Splitu", "Bivši ruski špijun Timofej Larin otrovan je 13. listopada u Splitu, objavio je Kurir. Oporba optužuje rusku tajnu službu.", "2026-10-13", "Timofej Larin"},
		{"Dvojica uhapšena zbog špijunaže", "Dvojica muškaraca uhapšena su u utorak zbog špijunaže za rusku tajnu službu, piše Blic.", "2026-11-17", ""},
	} {
		var want story.Story
		for _, lang := range []string{"sr", "sr-Latn", "hr", "bs", "sh", "cnr", "hr-HR"} {
			s := c.Classify(story.Article{Title: test.title, Text: test.text, Lang: lang, Published: &published})
			if len(s.Events) == 0 || s.Events[0].Date != test.date || test.victim != "" && (len(s.Events[0].Roles.Victim) == 0 || s.Events[0].Roles.Victim[0].Name != test.victim) {
				t.Errorf("%s: %s: want %s on %s, have %+v", lang, test.title, test.victim, test.date, s.Events)
			}
			if s.Article = (story.Article{}); lang == "sr" {
				want = s
				if len(s.Labels) == 0 || len(s.Origins) == 0 {
					t.Errorf("%s: labels %v, origins %v", test.title, s.Labels, s.Origins)
				}
				continue
			}
			if !reflect.DeepEqual(s, want) {
				t.Errorf("%s: %s: %+v, want %+v", lang, test.title, s, want)
			}
		}
	}
}
