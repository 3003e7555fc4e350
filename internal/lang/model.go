package lang

import (
	"bytes"
	_ "embed" // the model
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
)

//go:embed lid.176.ftz
var packed []byte

// embedded is the model, unpacked when it is first asked; it takes some milliseconds and 3 MB.
var embedded = sync.OnceValue(func() *model {
	m, err := readModel(packed)
	if err != nil {
		panic(fmt.Sprintf("the embedded language model: %v", err)) // a test reads it
	}
	return m
})

// model is a supervised fastText model with a quantised input matrix and hierarchical softmax, as of version 12 of the
// format: the mean of the vectors of a text's words and of the character n-grams in them walks a Huffman tree of labels.
type model struct {
	dim, minn, maxn int
	bucket          uint32
	labels          []string
	words           map[string]int32 // to row
	pruned          map[uint32]int32 // hash of an n-gram to row
	kept            []uint64         // a bit for each hash in pruned: most n-grams are not
	rows            quantised
	tree            []node    // leaves first, in the order of labels; the root is last
	output          []float32 // a row of dim for each inner node
}

type node struct{ left, right int }

// quantised is a matrix whose rows are put together of pieces out of a table (product quantisation).
type quantised struct {
	codes, normCodes []byte
	pieces           codebook
	norms            codebook // of one number
	hasNorms         bool
}

type codebook struct {
	parts, size, lastSize int
	centroids             []float32
}

const (
	magic    = 793712314
	version  = 12
	bow, eow = '<', '>'
	perPart  = 256 // pieces to choose from
)

var errFormat = errors.New("not a quantised fastText model of version 12")

// readModel reads the file format of fastText: little endian, no padding.
func readModel(file []byte) (*model, error) {
	in := bytes.NewReader(file)
	var head struct {
		Magic, Version                                                 int32
		Dim, Window, Epoch, MinCount, Neg, Ngrams, Loss, Model, Bucket int32
		MinN, MaxN, LRUpdateRate                                       int32
		T                                                              float64
		Size, Words, Labels                                            int32
		Tokens, Pruned                                                 int64
	}
	if err := binary.Read(in, binary.LittleEndian, &head); err != nil {
		return nil, err
	}
	if head.Magic != magic || head.Version != version || head.Dim <= 0 || head.Size < 0 || head.Pruned < 0 || head.Bucket <= 0 {
		return nil, errFormat
	}
	m := &model{dim: int(head.Dim), minn: int(head.MinN), maxn: int(head.MaxN), bucket: uint32(head.Bucket), words: map[string]int32{}, pruned: map[uint32]int32{}}
	m.kept = make([]uint64, m.bucket/64+1)
	var counts []int64
	for i := range head.Size {
		word, err := readWord(in)
		if err != nil {
			return nil, err
		}
		var entry struct {
			Count int64
			Type  int8
		}
		if err := binary.Read(in, binary.LittleEndian, &entry); err != nil {
			return nil, err
		}
		if entry.Type == 0 {
			m.words[word] = i
		} else {
			m.labels = append(m.labels, strings.TrimPrefix(word, "__label__"))
			counts = append(counts, entry.Count)
		}
	}
	for range head.Pruned {
		var pair [2]int32
		if err := binary.Read(in, binary.LittleEndian, &pair); err != nil {
			return nil, err
		}
		h := uint32(pair[0])
		if h >= m.bucket {
			return nil, errFormat
		}
		m.pruned[h] = head.Words + pair[1]
		m.kept[h/64] |= 1 << (h % 64)
	}
	if err := m.rows.read(in); err != nil {
		return nil, err
	}
	var out struct {
		Quantised bool
		M, N      int64
	}
	if err := binary.Read(in, binary.LittleEndian, &out); err != nil {
		return nil, err
	}
	if out.Quantised || out.N != int64(m.dim) || out.M != int64(len(m.labels)) {
		return nil, errFormat
	}
	m.output = make([]float32, out.M*out.N)
	m.tree = huffman(counts)
	return m, binary.Read(in, binary.LittleEndian, m.output)
}

func readWord(in *bytes.Reader) (string, error) {
	var word []byte
	for {
		c, err := in.ReadByte()
		if err != nil {
			return "", err
		}
		if c == 0 {
			return string(word), nil
		}
		word = append(word, c)
	}
}

func (q *quantised) read(in io.Reader) error {
	var head struct {
		Quantised, Norms bool
		M, N             int64
		Codes            int32
	}
	if err := binary.Read(in, binary.LittleEndian, &head); err != nil {
		return err
	}
	if !head.Quantised || head.Codes < 0 || head.M < 0 {
		return errFormat
	}
	q.hasNorms = head.Norms
	q.codes = make([]byte, head.Codes)
	if _, err := io.ReadFull(in, q.codes); err != nil {
		return err
	}
	if err := q.pieces.read(in); err != nil || !head.Norms {
		return err
	}
	q.normCodes = make([]byte, head.M)
	if _, err := io.ReadFull(in, q.normCodes); err != nil {
		return err
	}
	return q.norms.read(in)
}

func (c *codebook) read(in io.Reader) error {
	var head struct{ Dim, Parts, Size, LastSize int32 }
	if err := binary.Read(in, binary.LittleEndian, &head); err != nil {
		return err
	}
	if head.Dim <= 0 || head.Parts <= 0 {
		return errFormat
	}
	c.parts, c.size, c.lastSize = int(head.Parts), int(head.Size), int(head.LastSize)
	c.centroids = make([]float32, int(head.Dim)*perPart)
	return binary.Read(in, binary.LittleEndian, c.centroids)
}

// piece is the i-th choice for a part.
func (c *codebook) piece(part int, i byte) []float32 {
	if part == c.parts-1 {
		at := part*perPart*c.size + int(i)*c.lastSize
		return c.centroids[at : at+c.lastSize]
	}
	at := (part*perPart + int(i)) * c.size
	return c.centroids[at : at+c.size]
}

// add adds a row to a vector.
func (q *quantised) add(sum []float32, row int32) {
	norm := float32(1)
	if q.hasNorms {
		norm = q.norms.piece(0, q.normCodes[row])[0]
	}
	for part := range q.pieces.parts {
		for i, v := range q.pieces.piece(part, q.codes[int(row)*q.pieces.parts+part]) {
			sum[part*q.pieces.size+i] += norm * v
		}
	}
}

// huffman is the tree that the counts of labels, the most frequent first, were trained with.
func huffman(counts []int64) []node {
	leaves := len(counts)
	tree := make([]node, 2*leaves-1)
	weight := make([]int64, len(tree))
	for i := range weight {
		weight[i] = 1e15
	}
	copy(weight, counts)
	leaf, inner := leaves-1, leaves
	next := func() int {
		if leaf >= 0 && weight[leaf] < weight[inner] {
			leaf--
			return leaf + 1
		}
		inner++
		return inner - 1
	}
	for i := leaves; i < len(tree); i++ {
		tree[i] = node{next(), next()}
		weight[i] = weight[tree[i].left] + weight[tree[i].right]
	}
	return tree
}

// predict is the probability of each label.
func (m *model) predict(text string) []float64 {
	hidden := make([]float32, m.dim)
	rows := 0
	add := func(row int32) {
		m.rows.add(hidden, row)
		rows++
	}
	var word []byte
	for token := range strings.FieldsSeq(text) {
		if row, ok := m.words[token]; ok {
			add(row)
		}
		word = append(append(append(word[:0], bow), token...), eow)
		m.ngrams(word, add)
	}
	if row, ok := m.words["</s>"]; ok {
		add(row)
	}
	p := make([]float64, len(m.labels))
	if rows == 0 {
		return p
	}
	for i := range hidden {
		hidden[i] /= float32(rows)
	}
	m.descend(len(m.tree)-1, 1, hidden, p)
	return p
}

// ngrams calls add with the rows of a word's character n-grams; most have none.
func (m *model) ngrams(word []byte, add func(int32)) {
	for i := range word {
		if word[i]&0xc0 == 0x80 {
			continue
		}
		h := uint32(2166136261) // FNV-1a, with bytes as signed numbers
		for j, n := i, 1; j < len(word) && n <= m.maxn; n++ {
			for first := true; j < len(word) && (first || word[j]&0xc0 == 0x80); first = false {
				h = (h ^ uint32(int32(int8(word[j])))) * 16777619
				j++
			}
			if n >= m.minn && (n > 1 || i > 0 && j < len(word)) {
				if k := h % m.bucket; m.kept[k/64]>>(k%64)&1 == 1 {
					add(m.pruned[k])
				}
			}
		}
	}
}

// descend spreads probability p over the labels below a node.
func (m *model) descend(at int, p float64, hidden []float32, out []float64) {
	leaves := len(m.labels)
	if at < leaves {
		out[at] = p
		return
	}
	if p < 1e-5 {
		return
	}
	dot := float32(0)
	for i, w := range m.output[(at-leaves)*m.dim : (at-leaves+1)*m.dim] {
		dot += w * hidden[i]
	}
	right := 1 / (1 + math.Exp(-float64(dot)))
	m.descend(m.tree[at].left, p*(1-right), hidden, out)
	m.descend(m.tree[at].right, p*right, hidden, out)
}
