package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// texts is the leaf's value as parse reads it: one text, or one for each element of a list.
func (l leaf) texts() []string {
	var texts []string
	switch {
	case l.isList():
		for i := range l.value.Len() {
			texts = append(texts, l.format(l.value.Index(i)))
		}
	case l.isMap():
		for _, key := range l.value.MapKeys() {
			texts = append(texts, key.String()+"="+l.format(l.value.MapIndex(key)))
		}
		slices.Sort(texts)
	default:
		texts = []string{l.format(l.value)}
	}
	return texts
}

func (l leaf) format(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil { // a value that parse did not make; show it as Go does
			return fmt.Sprint(v.Interface())
		}
		return string(text)
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return FormatDuration(x)
	case string:
		return mask(l.tag.Get("secret"), x)
	}
	if v.CanInt() && l.bytes() {
		return formatSize(v.Int())
	}
	return fmt.Sprint(v.Interface())
}

// FormatDuration is d.String without the units that are zero: 1h instead of 1h0m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// formatSize writes a number of bytes in the largest unit that divides it.
func formatSize(n int64) string {
	for _, unit := range sizeUnits {
		if n != 0 && n%(1<<unit.shift) == 0 {
			return strconv.FormatInt(n>>unit.shift, 10) + unit.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}

const masked = "********"

// mask hides what is secret in a value. Of kind "url" is a place that may carry a password, where the rest is
// worth seeing; anything else is hidden whole. When in doubt it hides more.
func mask(kind, value string) string {
	switch kind {
	case "":
		return value
	case "url":
		return maskURL(value)
	}
	if value == "" {
		return ""
	}
	return masked
}

func maskURL(value string) string {
	scheme, rest, ok := strings.Cut(value, "://")
	if !ok {
		// A path is as harmless as it looks; "user=… password=…", user:password@host and a key are not.
		if strings.ContainsAny(value, "=@ \n") {
			return masked
		}
		return value
	}
	at, query := strings.LastIndexByte(rest, '@'), strings.IndexByte(rest, '?')
	switch {
	case query >= 0 && query < at: // a password with "?" or a query with "@": no telling which
		return scheme + "://" + masked
	case at >= 0 && query >= 0:
		return scheme + "://" + masked + rest[at:query] + "?" + masked
	case at >= 0:
		return scheme + "://" + masked + rest[at:]
	case query >= 0:
		return scheme + "://" + rest[:query] + "?" + masked
	}
	return value
}
