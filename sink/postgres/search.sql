-- Full-text search over the current versions. Terms are made by sink/search; PostgreSQL finds them, and knows nothing of
-- languages. Rows are of their own, so that a scan of stories does not read them.

CREATE TABLE search_docs (
  id       text COLLATE "C" PRIMARY KEY,  -- of stories
  at       timestamptz NOT NULL,          -- what hits are ordered by
  analyzer integer NOT NULL,              -- the version of sink/search that made the terms
  terms    tsvector NOT NULL,             -- words, keys behind ":", spans of time behind "::"; without positions
  pairs    bytea NOT NULL                 -- a sketch of which words are neighbours
) WITH (toast_tuple_target = 128);

-- Nobody reads terms but who checks them: out of the way and not compressed. The rest stays in the row.
ALTER TABLE search_docs ALTER terms SET STORAGE EXTERNAL, ALTER id SET STORAGE PLAIN, ALTER pairs SET STORAGE PLAIN,
  ALTER terms SET STATISTICS 0, ALTER pairs SET STATISTICS 0;

CREATE INDEX search_docs_at ON search_docs (at, id);
CREATE INDEX search_docs_terms ON search_docs USING gin (terms);

CREATE TABLE search_state (               -- one row
  analyzer integer NOT NULL               -- the version whose index is complete
);

INSERT INTO search_state VALUES (0);

-- Whatever deletes a story deletes it from the index.
CREATE FUNCTION search_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM search_docs WHERE id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER search_forget AFTER DELETE ON stories FOR EACH ROW EXECUTE FUNCTION search_forget();
