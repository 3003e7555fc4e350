package newsroom

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// perFeed is how many generated articles one feed lists: under the 200 items that a careful reader takes of one.
const perFeed = 100

// generator makes articles out of the written ones: the same number is always the same article, made when it is asked
// for. One in ten is on the beat. Each host has one outlet's language and design, and a feed per hundred articles.
type generator struct {
	count   int
	seed    uint64
	outlets []*outlet
	byHost  map[string]int
	beat    map[string][]*article // language -> models on the beat
	rest    map[string][]*article
	people  map[string][]string
	places  map[string][]string
	weight  map[*outlet]furniture
}

func newGenerator(n *Newsroom, opts Options) *generator {
	g := &generator{count: opts.Load, seed: opts.Seed, byHost: map[string]int{}, beat: map[string][]*article{}, rest: map[string][]*article{},
		people: map[string][]string{}, places: map[string][]string{}, weight: map[*outlet]furniture{}}
	var models []*outlet
	for _, o := range n.outlets {
		for _, a := range o.articles {
			if a.serve[0] != "page" || a.canonical != "" || len(a.versions) > 1 {
				continue
			}
			switch a.expect[0] {
			case story.Stored:
				g.beat[o.lang] = append(g.beat[o.lang], a)
			case story.NotRelevant:
				g.rest[o.lang] = append(g.rest[o.lang], a)
			}
			g.people[o.lang] = append(g.people[o.lang], a.people...)
			g.places[o.lang] = append(g.places[o.lang], a.places...)
		}
	}
	for _, o := range n.outlets {
		if len(g.beat[o.lang]) > 0 && len(g.rest[o.lang]) > 0 {
			models = append(models, o)
		}
	}
	for i := range min(opts.LoadHosts, opts.Load) {
		o := *models[i%len(models)]
		o.dir = fmt.Sprintf("load%02d", i+1)
		o.host, o.name = o.dir+".localhost", fmt.Sprintf("%s %d", o.name, i+1)
		o.feeds, o.robots, o.robotsStatus = nil, "", 404 // the articles stay, for the teasers in the margins
		g.byHost[o.host] = i
		g.outlets = append(g.outlets, &o)
		if opts.LoadBytes > 0 {
			g.weight[&o] = furnish(&o, n.words[o.lang], opts.LoadBytes, opts.Seed+uint64(i))
		}
	}
	return g
}

// article is generated article i: the lead of a written one and paragraphs of others on the same side of the beat,
// with people and places exchanged.
func (g *generator) article(i int) *article {
	o := g.outlets[i%len(g.outlets)]
	dice := rand.New(rand.NewPCG(g.seed, uint64(i)))
	models := g.rest[o.lang]
	if dice.IntN(10) == 0 {
		models = g.beat[o.lang]
	}
	model := models[dice.IntN(len(models))]
	swap := g.swap(dice, model)
	lead := model.versions[0]
	made := version{title: swap.Replace(lead.title)}
	for _, b := range lead.blocks {
		made.blocks = append(made.blocks, block{b.Kind, swap.Replace(b.Text)})
	}
	for range 1 + dice.IntN(3) {
		other := models[dice.IntN(len(models))]
		blocks := other.versions[0].blocks
		made.blocks = append(made.blocks, block{"p", g.swap(dice, other).Replace(blocks[dice.IntN(len(blocks))].Text)})
	}
	a := &article{
		outlet: o, slug: "story-" + strconv.Itoa(i), section: model.section, authors: model.authors, published: -time.Duration(i) * time.Minute,
		versions: []version{made}, serve: []string{"page"}, expect: model.expect, labels: model.labels,
	}
	a.listed = fmt.Sprintf("http://%s/%d", o.host, i)
	a.url = a.listed
	a.feeds = []*feed{g.feed(o, i/len(g.outlets)/perFeed)}
	return a
}

// swap exchanges the names of a written article for others of its language.
func (g *generator) swap(dice *rand.Rand, model *article) *strings.Replacer {
	var pairs []string
	for _, exchange := range []struct{ own, pool []string }{{model.people, g.people[model.outlet.lang]}, {model.places, g.places[model.outlet.lang]}} {
		for _, name := range exchange.own {
			pairs = append(pairs, name, exchange.pool[dice.IntN(len(exchange.pool))])
		}
	}
	return strings.NewReplacer(pairs...)
}

func (g *generator) feed(o *outlet, page int) *feed {
	path := fmt.Sprintf("/feed/%d.xml", page+1)
	return &feed{outlet: o, url: "http://" + o.host + path, path: path, kind: "rss"}
}

// feedsOf is how many feeds host number h has.
func (g *generator) feedsOf(h int) int {
	articles := (g.count - h + len(g.outlets) - 1) / len(g.outlets)
	return (articles + perFeed - 1) / perFeed
}
