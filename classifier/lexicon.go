package classifier

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"go.yaml.in/yaml/v4"
)

//go:embed lexicon/*.yaml lexicon/*.tsv categories/*.yaml
var lists embed.FS

// The layers of the index: entries of different layers may overlap.
const (
	layerConcept match.Layer = iota
	layerAside               // concepts that hide nothing and that nothing hides
	layerAgency
	layerPlace
	layerOutlet
	layerCredit
	layerMonth
)

// concept is a place in the sentence's set of concepts; it must stay below maxConcepts.
type concept = int32

const maxConcepts = 128

// lexicon is every word list in one index.
type lexicon struct {
	folder   *match.Folder
	index    *match.Index
	concepts map[string]concept
	names    []string          // by concept
	layers   []match.Layer     // by concept
	langs    map[string]uint64 // language -> mask of the lists that apply to it
	credits  map[string]uint64 // language without a list -> mask of its phrases in creditsFile
	scripts  map[string]uint64 // Latn, Cyrl … -> mask of all lists in that script
	hash     string
	entries  map[string]int // language -> how many entries
}

// special files in lexicon/: no language lists.
const (
	conceptsFile = "lexicon/concepts.yaml"
	creditsFile  = "lexicon/credits.yaml"
	anyLang      = "any"
)

func loadLexicon() (*lexicon, error) {
	x := &lexicon{folder: match.NewFolder(), concepts: make(map[string]concept), langs: make(map[string]uint64), credits: make(map[string]uint64), scripts: make(map[string]uint64), entries: make(map[string]int)}
	x.index = match.NewIndex(x.folder)
	x.index.Free(layerAside)
	sum := sha256.New()
	err := eachKey(conceptsFile, func(key, value *yaml.Node) error {
		if key.Value != "asides" {
			return x.addConcept(key.Value, layerConcept)
		}
		return pairs(value, func(name string, _ *yaml.Node) error { return x.addConcept(name, layerAside) })
	})
	if err != nil {
		return nil, err
	}
	files, err := lists.ReadDir("lexicon")
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	var langs []string
	for _, f := range files {
		name := "lexicon/" + f.Name()
		data, err := lists.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sum.Write(data)
		if ofLanguage(name) {
			langs = append(langs, strings.TrimSuffix(f.Name(), ".yaml"))
		}
	}
	for i, lang := range langs {
		if err := x.addLanguage(lang, everyLang<<(1+i)); err != nil {
			return nil, err
		}
	}
	x.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return x, nil
}

// ofLanguage reports whether a file is the word list of a language, or of any.
func ofLanguage(name string) bool {
	return path.Ext(name) == ".yaml" && !slices.Contains([]string{conceptsFile, creditsFile, framesFile, sourcesFile}, name)
}

func (x *lexicon) addConcept(name string, layer match.Layer) error {
	if _, twice := x.concepts[name]; twice || len(x.names) == maxConcepts {
		return fmt.Errorf("concept %s is there twice, or more than %d", name, maxConcepts)
	}
	x.concepts[name] = concept(len(x.names))
	x.names = append(x.names, name)
	x.layers = append(x.layers, layer)
	return nil
}

// addCredits gives a language that has no word list a mask for its credit phrases.
func (x *lexicon) addCredits(lang string) (uint64, error) {
	mask := everyLang << (2 + len(x.langs) + len(x.credits))
	if mask == 0 {
		return 0, fmt.Errorf("%s: no bit is left of 64 for language %s", creditsFile, lang)
	}
	x.credits[lang] = mask
	return mask, nil
}

// means reports whether a hit is a concept.
func means(h match.Hit) bool { return h.Layer == layerConcept || h.Layer == layerAside }

// everyLang is the mask of what applies to texts of any language.
const everyLang = uint64(1)

func (x *lexicon) addLanguage(lang string, bit uint64) error {
	if lang == anyLang {
		bit = everyLang
	} else {
		x.langs[lang] = bit | everyLang
		x.scripts[script(lang)] |= bit | everyLang
	}
	return eachKey("lexicon/"+lang+".yaml", func(key, value *yaml.Node) error {
		id, known := x.concepts[key.Value]
		if !known {
			return fmt.Errorf("no concept %s in %s", key.Value, conceptsFile)
		}
		return eachItem(value, func(word string) error {
			x.entries[lang]++
			return x.index.Add(word, bit, x.layers[id], id)
		})
	})
}
