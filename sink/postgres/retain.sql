-- What retention and exports look for by time.

CREATE INDEX stories_fetched ON stories (fetched_at, id);

CREATE INDEX story_versions_past ON story_versions (last_fetched_at, id, version) WHERE json_typeof(record) = 'object'; -- earlier versions with their record

-- These two change most: their dead rows are cleared away in smaller portions than by default.
ALTER TABLE ledger SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE stories SET (autovacuum_vacuum_scale_factor = 0.05);
