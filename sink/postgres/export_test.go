package postgres

// SetSegments sets how many stories make a segment, how many it has at most, and of how many pairs it is put together.
func (s *Store) SetSegments(least, most int, pairs int64) { s.sizes = sizes{least, most, pairs} }
