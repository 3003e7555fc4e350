// Package jsonline reads lines of JSON that people make by hand or with other programs: its errors speak of JSON, not of Go.
package jsonline

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Unmarshal reads a JSON object. The error says what is wrong and what is wanted, without the place.
func Unmarshal(line []byte, into any) error {
	err := json.Unmarshal(line, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return fmt.Errorf("not JSON: %w", err)
	case wrong.Field == "":
		return fmt.Errorf("is %s, want an object", article(wrong.Value))
	}
	return fmt.Errorf("%q is %s, want %s", wrong.Field, article(wrong.Value), wanted(wrong.Type.Kind()))
}

func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

// article puts "a" or "an" before the name of a JSON type.
func article(noun string) string {
	switch noun {
	case "array", "object":
		return "an " + noun
	case "bool":
		return "true or false"
	}
	return "a " + noun
}
