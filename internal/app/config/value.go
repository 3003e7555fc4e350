package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// want says what one scalar of the leaf looks like, for messages and documentation.
func (l leaf) want() string {
	t := l.element()
	switch {
	case l.tag.Get("want") != "":
		return l.tag.Get("want")
	case l.tag.Get("enum") != "":
		choices := strings.Split(l.tag.Get("enum"), ",")
		last := len(choices) - 1
		return strings.Join(choices[:last], ", ") + " or " + choices[last]
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 500ms, 1s or 2h"
	case l.networks():
		return "an address range such as 10.0.0.0/8"
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return "a " + t.String()
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		if l.bytes() {
			return "a size such as 512KiB, 8MiB or a number of bytes"
		}
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "text"
}

// errKind is a programming error: Config has a field of a type this file cannot read.
var errKind = errors.New("type of key is not supported")

// parse reads one scalar of the leaf into v. The error says what is wrong and what is wanted instead; for
// a secret it does not repeat the value.
func (l leaf) parse(v reflect.Value, text string) error {
	err := l.scalar(v, text)
	switch {
	case err == nil:
		return nil
	case l.secret():
		return fmt.Errorf("the value given is no use, want %s", l.want())
	}
	return err
}

func (l leaf) scalar(v reflect.Value, text string) error {
	wrong := fmt.Errorf("%q is wrong, want %s", text, l.want())
	if enum := l.tag.Get("enum"); enum != "" && !slices.Contains(strings.Split(enum, ","), text) {
		return wrong
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if u.UnmarshalText([]byte(text)) != nil {
			return wrong
		}
		return nil
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return wrong
		}
		v.SetInt(int64(d))
		return l.least(text, float64(d))
	}
	switch v.Kind() {
	case reflect.String:
		if _, err := netip.ParsePrefix(text); err != nil && l.networks() {
			return wrong
		}
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return wrong
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		n, err := parseInt(text, l.bytes())
		if err != nil {
			return wrong
		}
		v.SetInt(n)
		return l.least(text, float64(n))
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return wrong
		}
		v.SetFloat(x)
		return l.least(text, x)
	default:
		return fmt.Errorf("%w: %s", errKind, v.Type())
	}
	return nil
}

// least refuses values below the leaf's min. No key means anything below zero.
func (l leaf) least(text string, x float64) error {
	floor, _ := strconv.ParseFloat(l.tag.Get("min"), 64) // no tag is 0
	if x >= floor {
		return nil
	}
	least := strconv.FormatFloat(floor, 'f', -1, 64)
	if l.bytes() {
		least = formatSize(int64(floor))
	}
	return fmt.Errorf("%q is too small, want %s or more", text, least)
}

// sizeUnits are the binary units a size may end in. Decimal ones are refused: half of their users mean these.
var sizeUnits = []struct {
	suffix string
	shift  uint
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}

func parseInt(text string, size bool) (int64, error) {
	var shift uint
	if size {
		for _, unit := range sizeUnits {
			if number, ok := strings.CutSuffix(text, unit.suffix); ok {
				text, shift = strings.TrimSpace(number), unit.shift
				break
			}
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, err
	}
	if n > math.MaxInt64>>shift || n < math.MinInt64>>shift {
		return 0, strconv.ErrRange
	}
	return n << shift, nil
}
