package second

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Config is what an operator can set. Without a URL there is no second stage.
type Config struct {
	URL         string        `yaml:"url" secret:"url" doc:"base URL of an OpenAI-compatible endpoint that is asked about stories under review, such as http://127.0.0.1:8000/v1; empty asks nobody"`
	Model       string        `yaml:"model" doc:"model to ask for there; its name goes into every story it judged"`
	Key         string        `yaml:"key" secret:"text" doc:"API key, sent as a bearer token to that endpoint alone"`
	Timeout     time.Duration `yaml:"timeout" doc:"how long one answer may take; after it the first stage's verdict stands"`
	PerHour     int           `yaml:"per_hour" doc:"most questions of this process within any hour; 0 is no limit"`
	Concurrency int           `yaml:"concurrency" min:"1" doc:"questions under way at once; a story that finds all taken is not asked about"`
}

// DefaultConfig asks nobody. Ten seconds are less than a worker gets to finish after a stop.
func DefaultConfig() Config {
	return Config{Timeout: 10 * time.Second, PerHour: 300, Concurrency: 2}
}

// maxTimeout leaves a record's lease of 55 s time for what comes after the answer.
const maxTimeout = 40 * time.Second

// Validate returns what is wrong, each fault beginning with the name of its key.
func (c Config) Validate() []error {
	var faults []error
	wrong := func(key, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
	}
	if c.Timeout <= 0 || c.Timeout > maxTimeout {
		wrong("timeout", "%s is out of range, want more than 0s and at most %s, which is what a record's lease leaves", c.Timeout, maxTimeout)
	}
	if strings.ContainsAny(c.Key, "\r\n\x00") {
		wrong("key", "is more than one line, want the key alone")
	}
	if c.URL == "" {
		return faults
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		wrong("url", "is no web address, want http:// or https:// with a host, such as http://127.0.0.1:8000/v1")
	case u.User != nil:
		wrong("url", "has a login in it, want the key in classifier.second.key")
	case u.RawQuery != "" || u.Fragment != "":
		wrong("url", "has a query or a fragment, want the base address alone, such as http://127.0.0.1:8000/v1")
	}
	if c.Model == "" {
		wrong("model", "is empty, want the name of a model that the endpoint has")
	}
	return faults
}

// endpoint is where questions go. A URL that has the whole path already is taken as it is.
func (c Config) endpoint() string {
	const path = "/chat/completions"
	return strings.TrimSuffix(strings.TrimRight(c.URL, "/"), path) + path
}
