package postgres

// SetSegments sets how many stories make a segment, and how many it has at most.
func (s *Store) SetSegments(least, most int) { s.sizes = sizes{least, most} }
