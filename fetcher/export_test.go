package fetcher

import "context"

// Reconcile is for tests outside: what Run does at the start, hourly, and after a reload.
func (f *Fetcher) Reconcile(ctx context.Context) error { return f.reconcile(ctx) }
