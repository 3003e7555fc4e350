package jsonline_test

import (
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/jsonline"
)

func TestFaults(t *testing.T) {
	for in, want := range map[string]string{
		`{"id":"a","labels":["x"],"ambiguous":true,"n":1}`: "",
		`{"id":`:              "not JSON: unexpected end",
		`[1]`:                 "is an array, want an object",
		`{"id":5}`:            `"id" is a number, want text`,
		`{"labels":"x"}`:      `"labels" is a string, want a list`,
		`{"labels":[5]}`:      `"labels" is a number, want text`,
		`{"ambiguous":"yes"}`: `"ambiguous" is a string, want true or false`,
		`{"id":true}`:         `"id" is true or false, want text`,
		`{"n":{}}`:            `"n" is an object, want a number`,
	} {
		var line struct {
			ID        string   `json:"id"`
			Labels    []string `json:"labels"`
			Ambiguous bool     `json:"ambiguous"`
			N         int      `json:"n"`
		}
		err := jsonline.Unmarshal([]byte(in), &line)
		if err == nil != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Go ")) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}
