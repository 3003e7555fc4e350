// Package config turns a YAML file, SPYWIRE_ variables and --set arguments into a checked Config, or into every
// fault in them at once with file and line. One walk over the fields of Config drives reading, printing and the
// documentation, so a new key is one field.
package config
