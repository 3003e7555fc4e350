// Package schema turns the record types and the topology table into the documents that subscribers program
// against: a JSON Schema for each record and the AsyncAPI document. deploy/schemas holds them as files.
package schema
