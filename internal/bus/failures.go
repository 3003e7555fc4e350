package bus

// failedTooOften counts a failed turn of an entry. Being told to wait counts less.
func (f *Frontier) failedTooOften(seq uint64, told bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures[seq]++
	if told {
		return f.failures[seq] >= maxUnanswered
	}
	return f.failures[seq] >= maxDeliveries
}

func (f *Frontier) forget(seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.failures, seq)
}
