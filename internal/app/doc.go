// Package app turns a configuration into a running spywire: it reads and checks the configuration (one walk
// over Config drives file, environment, --set, print and documentation), and wires the stages a process is
// asked for. It sits above every stage; only cmd imports it.
package app
