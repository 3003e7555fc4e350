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
