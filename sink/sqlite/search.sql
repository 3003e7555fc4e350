-- Full-text search over the current versions. Terms and keys are made by sink/search, and SQLite only splits them at
-- spaces; the index keeps no text (stories has it) and gives none back.

CREATE VIRTUAL TABLE search_index USING fts5 (
  words, keys, content = '', contentless_delete = 1, tokenize = "ascii tokenchars ':_'"
);

CREATE TABLE search_docs (
  doc    INTEGER PRIMARY KEY,             -- rowid of search_index: orders by the story's time, see docOf
  id     TEXT NOT NULL UNIQUE,            -- of stories
  digest INTEGER NOT NULL                 -- of what was indexed
);

CREATE TABLE search_state (               -- one row: how far the index is
  analyzer INTEGER NOT NULL,              -- the version of sink/search that made it
  upto     TEXT NOT NULL,                 -- the last id indexed by the one that goes through all stories
  complete INTEGER NOT NULL
);

INSERT INTO search_state VALUES (0, '', 0);

-- Whatever deletes a story deletes it from the index.
CREATE TRIGGER search_forget AFTER DELETE ON stories BEGIN
  DELETE FROM search_index WHERE rowid = (SELECT doc FROM search_docs WHERE id = OLD.id);
  DELETE FROM search_docs WHERE id = OLD.id;
END;
