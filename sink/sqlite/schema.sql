-- Instants are RFC 3339 in UTC with milliseconds, so that they sort as text. A visit is in milliseconds since 1970.

CREATE TABLE stories (                    -- the current version of every story
  id           TEXT PRIMARY KEY,
  version      INTEGER NOT NULL,
  rank         TEXT NOT NULL,             -- primary, review or other
  kind         TEXT NOT NULL,
  url          TEXT NOT NULL,             -- as listed
  source       TEXT NOT NULL,
  lang         TEXT NOT NULL,
  country      TEXT NOT NULL,             -- where the main event happened; empty if unknown
  category     TEXT NOT NULL,             -- of the first label, else the likeliest; none for rank other
  score        REAL NOT NULL,             -- probability of category
  title        TEXT NOT NULL,
  text         TEXT NOT NULL GENERATED ALWAYS AS (json_extract(record, '$.text')) VIRTUAL, -- kept once, in record
  published    TEXT,
  fetched_at   TEXT NOT NULL,
  stored_at    TEXT NOT NULL,             -- when this version's content first came
  record       TEXT NOT NULL              -- the story's JSON
);

CREATE TABLE story_versions (             -- every version of every story, the current one included
  id              TEXT NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  version         INTEGER NOT NULL,
  content_hash    TEXT NOT NULL,
  visit           INTEGER NOT NULL,       -- first seen
  fetched_at      TEXT NOT NULL,
  last_visit      INTEGER NOT NULL,       -- last seen
  last_fetched_at TEXT NOT NULL,
  stored_at       TEXT NOT NULL,
  record          TEXT,                   -- NULL for the current version: stories has it
  PRIMARY KEY (id, version)
) WITHOUT ROWID;

CREATE TABLE story_labels (
  id       TEXT NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  category TEXT NOT NULL,
  subtype  TEXT NOT NULL,                 -- empty for the category itself
  score    REAL NOT NULL,
  PRIMARY KEY (id, category, subtype)
) WITHOUT ROWID;

CREATE TABLE ledger (                     -- the current outcome of every URL
  id      TEXT PRIMARY KEY,
  url     TEXT NOT NULL,
  source  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  at      TEXT NOT NULL,
  visit   INTEGER NOT NULL,
  stage   TEXT NOT NULL,
  into_id TEXT NOT NULL,                  -- the id a merged URL belongs to
  feed    TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX ledger_outcome ON ledger (outcome, at);

CREATE TABLE ledger_events (              -- the life of every URL; the whole row is the key
  id      TEXT NOT NULL,
  at      TEXT NOT NULL,
  stage   TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  visit   INTEGER NOT NULL,
  into_id TEXT NOT NULL,
  feed    TEXT NOT NULL,
  PRIMARY KEY (id, visit, at, stage, outcome, reason, into_id, feed)
) WITHOUT ROWID;

CREATE INDEX ledger_events_into ON ledger_events (into_id) WHERE into_id <> '';
