-- What retention and exports look for by time.

CREATE INDEX stories_fetched ON stories (fetched_at, id);

CREATE INDEX story_versions_past ON story_versions (last_fetched_at, id, version) WHERE length(record) > 4; -- earlier versions with their record
