package lang

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

const (
	magic   = 793712314
	version = 12
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
	m := &model{dim: int(head.Dim), minn: int(head.MinN), maxn: int(head.MaxN), bucket: uint32(head.Bucket), words: map[string]int32{}}
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
	rowOf := make(map[uint32]int32, head.Pruned)
	for range head.Pruned {
		var pair [2]int32
		if err := binary.Read(in, binary.LittleEndian, &pair); err != nil {
			return nil, err
		}
		h := uint32(pair[0])
		if h >= m.bucket {
			return nil, errFormat
		}
		rowOf[h] = head.Words + pair[1]
		m.kept[h/64] |= 1 << (h % 64)
	}
	m.rank(rowOf)
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
