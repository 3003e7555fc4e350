// Package app turns a configuration into a running spywire: Run wires the workers a process is asked for to the
// bus and the store, and takes them down in order. The all-in-one process, every pod and the tests go through it.
package app
