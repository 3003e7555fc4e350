-- Which words are neighbours, for phrases: hashes of every two of them (pairs.go). A story's current version has them in
-- search_open until so many are there that they become a segment: an inverted index of a few thousand stories, never changed.
-- What a segment says is a hint, and a text decides: a version that was edited since may still be in it.

-- All stories that are later than this instant are in search_open or in search_members, in milliseconds since 1970. First, as in a
-- search, so that neither waits for the other.
ALTER TABLE search_state ADD paired bigint NOT NULL DEFAULT 9223372036854775807;

ALTER TABLE search_docs DROP COLUMN pairs; -- sketches of the same, a page of the table to look at for each story with the words

CREATE TABLE search_open (
  id     text COLLATE "C" PRIMARY KEY,  -- of stories
  at     timestamptz NOT NULL,          -- of search_docs
  digest bigint NOT NULL,               -- of at and pairs
  pairs  bytea NOT NULL                 -- sorted, each once, three bytes each
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.5);

ALTER TABLE search_open ALTER id SET STORAGE PLAIN, ALTER pairs SET STORAGE EXTERNAL, ALTER pairs SET STATISTICS 0;

CREATE TABLE search_members (           -- where in the segments a story is
  id      text COLLATE "C" PRIMARY KEY, -- of stories
  segment integer NOT NULL,             -- of search_segments
  member  integer NOT NULL,             -- its number there
  digest  bigint NOT NULL               -- of what is there
);

CREATE UNIQUE INDEX search_members_place ON search_members (segment, member);

CREATE TABLE search_segments (
  id         integer PRIMARY KEY,
  size       integer NOT NULL,          -- how many numbers it has given, from 0 on and in order of time
  live       integer NOT NULL,          -- how many of its members were left when they were last counted
  pairs      bigint NOT NULL,           -- how many pairs of members there are
  chunk_bits integer NOT NULL,          -- the first bits of a hash that choose the row of search_pairs
  times      bigint[] NOT NULL          -- in milliseconds since 1970: of every 64th member, and of the last
);

CREATE TABLE search_pairs (
  segment  integer NOT NULL,
  chunk    integer NOT NULL,
  postings bytea NOT NULL,              -- postings.go
  PRIMARY KEY (segment, chunk)
) WITH (toast_tuple_target = 8160);

ALTER TABLE search_pairs ALTER postings SET STORAGE EXTERNAL, ALTER postings SET STATISTICS 0;

-- A row of search_open may be moving to search_members: whoever moves it lets nobody delete it until that is done.
CREATE OR REPLACE FUNCTION search_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM search_docs WHERE id = OLD.id;
  DELETE FROM search_open WHERE id = OLD.id;
  DELETE FROM search_members WHERE id = OLD.id;
  RETURN NULL;
END $$;
