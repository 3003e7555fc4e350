package parser

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth is the nesting that flatten lets through. html.Parse refuses 512 open elements, which also bounds the
// recursion of everything that walks a tree; it opens some elements by itself.
const maxDepth = 200

// parseTree parses text as HTML once. A page that nests deeper than the parser takes is flattened first: its
// outermost elements keep their structure and the text further in stays in order.
func parseTree(text []byte) (*goquery.Document, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err == nil {
		return doc, nil
	}
	flat, flatErr := flatten(text)
	if flatErr != nil {
		return nil, fmt.Errorf("html: %w", errors.Join(err, flatErr))
	}
	doc, err = goquery.NewDocumentFromReader(bytes.NewReader(flat))
	if err != nil {
		return nil, fmt.Errorf("html, flattened: %w", err)
	}
	return doc, nil
}

// flatten rewrites a token stream so that no element is nested deeper than maxDepth: beyond it tags become
// paragraph breaks or nothing.
func flatten(text []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(text))
	z := html.NewTokenizer(bytes.NewReader(text))
	open, skipped := 0, 0
	for {
		kind := z.Next()
		raw := z.Raw()
		switch kind {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("tokens: %w", err)
			}
			return out.Bytes(), nil
		case html.StartTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			switch {
			case isVoid(tag) || tag == atom.Script || tag == atom.Style || tag == atom.Title:
				out.Write(raw)
			case open < maxDepth:
				open++
				out.Write(raw)
			default:
				skipped++
				if isBlock(tag) {
					out.WriteString("<br><br>")
				}
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			switch {
			case tag == atom.Script || tag == atom.Style || tag == atom.Title:
				out.Write(raw)
			case skipped > 0:
				skipped--
			default:
				open = max(0, open-1)
				out.Write(raw)
			}
		default:
			out.Write(raw)
		}
	}
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// isBlock reports whether an element begins and ends a line of its own.
func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Dt, atom.Dd, atom.Pre,
		atom.Figcaption, atom.Caption, atom.Summary, atom.Legend, atom.Hr, atom.Address:
		return true
	}
	return isContainer(tag)
}

// isContainer reports whether an element holds blocks rather than being one.
func isContainer(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.Section, atom.Article, atom.Main, atom.Body, atom.Html, atom.Aside, atom.Nav, atom.Header,
		atom.Footer, atom.Form, atom.Figure, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Tbody, atom.Thead, atom.Tfoot,
		atom.Tr, atom.Td, atom.Th, atom.Blockquote, atom.Details, atom.Fieldset, atom.Center, atom.Hgroup, atom.Menu, atom.Dialog:
		return true
	}
	return false
}
