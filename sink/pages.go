package sink

import "iter"

// Pages yields the rows of one page after another, so that no transaction of a store lasts as long as its reader. next is
// given the last row so far, at first none, and gives at most size rows: fewer are the end. Those that come beside an
// error are yielded before it.
func Pages[T any](size int, next func(last T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var last T
		for {
			page, err := next(last)
			for _, last = range page {
				if !yield(last, nil) {
					return
				}
			}
			if err != nil {
				yield(*new(T), err)
				return
			}
			if len(page) < size {
				return
			}
		}
	}
}

// Spans is Pages of rows that have no order of their own to go on by: it yields those of one span of ids after another. end gives
// the last id of the span after an id, nil behind the last one, and rows those of the ids in (after, end].
func Spans[T any](end func(after string) (*string, error), rows func(after, end string) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := ""; ; {
			last, err := end(after)
			if err == nil && last == nil {
				return
			}
			var page []T
			if err == nil {
				page, err = rows(after, *last)
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			if err != nil {
				yield(*new(T), err)
				return
			}
			after = *last
		}
	}
}
