package classifier

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// modelSchema is the version of the artefact's form and of what a feature's index means.
const modelSchema = 2

// Model is a trained artefact: one line of JSON, then the weights. It holds no text of what it was trained on.
type Model struct {
	Schema     int             `json:"schema"`
	Features   int             `json:"features"`
	Concepts   []string        `json:"concepts"` // those it was trained with, in their order; words may change freely
	Lexicon    string          `json:"lexicon"`  // hash of the word lists it was trained with
	Manifest   []Input         `json:"manifest"`
	Categories []Weights       `json:"categories"`
	Card       json.RawMessage `json:"card"` // how it was measured
	id         string
}

// Input is a file the model was trained on.
type Input struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Items  int    `json:"items"`
}

// Weights decide one category. Logits are in thousandths, probabilities in ten thousandths.
type Weights struct {
	Category  string `json:"category"`
	Bias      int32  `json:"bias"`
	Slope     int32  `json:"slope"`  // calibration: thousandths by which the logit is multiplied
	Offset    int32  `json:"offset"` // and what is added then
	Threshold int32  `json:"threshold"`
	Review    int32  `json:"review"`
	Count     int    `json:"count"` // how many weights are not zero
	weight    []int32
}

// SetWeights takes one weight for every feature.
func (w *Weights) SetWeights(weight []int32) {
	w.weight, w.Count = weight, 0
	for _, x := range weight {
		if x != 0 {
			w.Count++
		}
	}
}

// logit is the uncalibrated sum in thousandths.
func (w *Weights) logit(v *vectorOf) int {
	z := int64(w.Bias) * full
	for _, i := range v.list {
		z += int64(w.weight[i]) * int64(v.value[i])
	}
	return int(z / full)
}

// Probability is the calibrated probability of a logit.
func (w *Weights) Probability(logit int) float64 {
	return logistic(logit*int(w.Slope)/1000 + int(w.Offset))
}

// Encode writes the artefact: the same model is the same bytes.
func (m *Model) Encode(out io.Writer) error {
	m.Schema, m.Features = modelSchema, Features
	head, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	data := append(head, '\n')
	for _, c := range m.Categories {
		last := 0
		for i, w := range c.weight {
			if w != 0 {
				data = binary.AppendVarint(binary.AppendUvarint(data, uint64(i-last)), int64(w))
				last = i
			}
		}
	}
	if _, err := out.Write(data); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

// DecodeModel reads an artefact; errors say what is wrong with it.
func DecodeModel(data []byte) (*Model, error) {
	head, rest, ok := bytes.Cut(data, []byte("\n"))
	m := new(Model)
	if err := json.Unmarshal(head, m); !ok || err != nil || m.Schema == 0 {
		return nil, errors.New("model: this is no artefact of spywire train")
	}
	if m.Schema != modelSchema || m.Features != Features {
		return nil, fmt.Errorf("model: has schema %d with %d features, this spywire reads %d with %d: train it again", m.Schema, m.Features, modelSchema, Features)
	}
	in := bufio.NewReader(bytes.NewReader(rest))
	for k := range m.Categories {
		c := &m.Categories[k]
		c.weight = make([]int32, Features)
		at := uint64(0)
		for range c.Count {
			step, err := binary.ReadUvarint(in)
			if err != nil {
				return nil, fmt.Errorf("model: the weights of %s are cut off: %w", c.Category, err)
			}
			w, err := binary.ReadVarint(in)
			if at += step; err != nil || at >= Features || w != int64(int32(w)) {
				return nil, fmt.Errorf("model: the weights of %s are damaged", c.Category)
			}
			c.weight[at] = int32(w)
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("model: more bytes than weights")
	}
	sum := sha256.Sum256(data)
	m.id = hex.EncodeToString(sum[:4])
	return m, nil
}

// fits reports whether a model was trained with the concepts and the categories there are.
func (c *Classifier) fits(m *Model) error {
	if !slices.Equal(m.Concepts, c.lexicon.names) {
		return fmt.Errorf("model %s: trained with another list of concepts than %s has: train it again", m.id, conceptsFile)
	}
	if len(m.Categories) != len(c.categories) {
		return fmt.Errorf("model %s: knows %d categories, there are %d: train it again", m.id, len(m.Categories), len(c.categories))
	}
	for k := range m.Categories {
		if m.Categories[k].Category != c.categories[k].name {
			return fmt.Errorf("model %s: knows no category %s: train it again", m.id, c.categories[k].name)
		}
	}
	return nil
}
