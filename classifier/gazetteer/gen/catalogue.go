package main

import (
	"encoding/binary"
	"errors"
)

// catalogue reads a GNU message catalogue (the .mo format of gettext): GeoNames' code of a place -> its name.
func catalogue(data []byte) (map[string]string, error) {
	const magic = 0x950412de
	at := func(off uint32) (uint32, bool) {
		if int(off)+4 > len(data) {
			return 0, false
		}
		return binary.LittleEndian.Uint32(data[off:]), true
	}
	if m, ok := at(0); !ok || m != magic {
		return nil, errors.New("no message catalogue")
	}
	n, _ := at(8)
	from, _ := at(12)
	to, _ := at(16)
	text := func(table, i uint32) (string, bool) {
		size, ok1 := at(table + 8*i)
		off, ok2 := at(table + 8*i + 4)
		if !ok1 || !ok2 || int(off)+int(size) > len(data) {
			return "", false
		}
		return string(data[off : off+size]), true
	}
	all := make(map[string]string, n)
	for i := range n {
		key, ok1 := text(from, i)
		value, ok2 := text(to, i)
		if !ok1 || !ok2 {
			return nil, errors.New("the message catalogue is cut off")
		}
		if key != "" {
			all[key] = value
		}
	}
	return all, nil
}
