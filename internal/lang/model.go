package lang

import (
	_ "embed" // the model
	"fmt"
	"math"
	"math/bits"
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
	kept            []uint64         // a bit for each hash of an n-gram that has a row: most have none
	before          []int32          // how many bits are set before each word of kept
	pruned          []int32          // rows of the n-grams, in the order of the bits
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
	bow, eow = '<', '>'
	perPart  = 256 // pieces to choose from
)

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

// rank puts the rows into the order of the bits of kept: a text asks for hundreds, and counting bits is cheaper than a map.
func (m *model) rank(rowOf map[uint32]int32) {
	m.before, m.pruned = make([]int32, len(m.kept)), make([]int32, 0, len(rowOf))
	for i, word := range m.kept {
		m.before[i] = int32(len(m.pruned))
		for ; word != 0; word &= word - 1 {
			m.pruned = append(m.pruned, rowOf[uint32(i*64+bits.TrailingZeros64(word))])
		}
	}
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
					add(m.pruned[int(m.before[k/64])+bits.OnesCount64(m.kept[k/64]&(1<<(k%64)-1))])
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
