-- The tables and columns of the SQLite store; instants are timestamptz, to the millisecond. A visit is in milliseconds
-- since 1970. What is a key or a name compares by its bytes, so that rows come in the same order from both stores.

CREATE TABLE stories (                    -- the current version of every story
  id           text COLLATE "C" PRIMARY KEY,
  version      integer NOT NULL,
  rank         text COLLATE "C" NOT NULL, -- primary, review or other
  kind         text COLLATE "C" NOT NULL,
  url          text COLLATE "C" NOT NULL, -- as listed
  source       text COLLATE "C" NOT NULL,
  lang         text COLLATE "C" NOT NULL,
  country      text COLLATE "C" NOT NULL, -- where the main event happened; empty if unknown
  category     text COLLATE "C" NOT NULL, -- of the first label, else the likeliest; none for rank other
  score        double precision NOT NULL, -- probability of category
  title        text NOT NULL,
  text         text NOT NULL GENERATED ALWAYS AS (record ->> 'text') STORED,
  published    timestamptz,
  fetched_at   timestamptz NOT NULL,
  stored_at    timestamptz NOT NULL,      -- when this version's content first came
  record       json NOT NULL              -- the story's JSON; json and not jsonb, which would not keep its bytes
);

CREATE TABLE story_versions (             -- every version of every story, the current one included
  id              text COLLATE "C" NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  version         integer NOT NULL,
  content_hash    text COLLATE "C" NOT NULL,
  visit           bigint NOT NULL,        -- first seen
  fetched_at      timestamptz NOT NULL,
  last_visit      bigint NOT NULL,        -- last seen
  last_fetched_at timestamptz NOT NULL,
  stored_at       timestamptz NOT NULL,
  record          json,                   -- NULL for the current version: stories has it
  PRIMARY KEY (id, version)
);

CREATE TABLE story_labels (
  id       text COLLATE "C" NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  category text COLLATE "C" NOT NULL,
  subtype  text COLLATE "C" NOT NULL,     -- empty for the category itself
  score    double precision NOT NULL,
  PRIMARY KEY (id, category, subtype)
);

CREATE TABLE ledger (                     -- the current outcome of every URL
  id      text COLLATE "C" PRIMARY KEY,
  url     text COLLATE "C" NOT NULL,
  source  text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  reason  text COLLATE "C" NOT NULL,
  at      timestamptz NOT NULL,
  visit   bigint NOT NULL,
  stage   text COLLATE "C" NOT NULL,
  into_id text COLLATE "C" NOT NULL,      -- the id a merged URL belongs to
  feed    text COLLATE "C" NOT NULL
);

CREATE INDEX ledger_outcome ON ledger (outcome, at, id);

CREATE TABLE ledger_events (              -- the life of every URL; the whole row is the key
  id      text COLLATE "C" NOT NULL,
  at      timestamptz NOT NULL,
  stage   text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  reason  text COLLATE "C" NOT NULL,
  visit   bigint NOT NULL,
  into_id text COLLATE "C" NOT NULL,
  feed    text COLLATE "C" NOT NULL
);

-- An entry of an index is at most a third of a page and a reason may be longer, so the key has hashes of the two long
-- columns. Two steps of one URL, stage, outcome and millisecond would have to collide in 64 bits to be taken for one.
CREATE UNIQUE INDEX ledger_events_key ON ledger_events
  (id, visit, at, stage, outcome, into_id, hashtextextended(reason, 0), hashtextextended(feed, 0));

CREATE INDEX ledger_events_into ON ledger_events (into_id) WHERE into_id <> '';
