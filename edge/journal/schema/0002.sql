-- Samples packed: a row a flush while their hour is open, a row an hour and tag once it is closed.
-- The bodies are of edge/journal/columns.py. Rows of table "sample" (the first form) are packed
-- into parts like those of any other closed hour; nothing is written to it any more.

-- What many samples share.
CREATE TABLE state (
    id       INTEGER PRIMARY KEY,
    quality  INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    world    TEXT    NOT NULL,
    boot     INTEGER NOT NULL REFERENCES boot (id),
    clock_ok INTEGER NOT NULL,
    UNIQUE (quality, reason, world, boot, clock_ok)
);

-- The samples of one transaction: stream "sample" from `first_seq` on, without a hole.
CREATE TABLE sheaf (
    first_seq INTEGER PRIMARY KEY,
    samples   INTEGER NOT NULL,
    from_ns   INTEGER NOT NULL,
    to_ns     INTEGER NOT NULL,
    body      BLOB    NOT NULL
);

-- A run of the stream that has been repacked: an hour, or less of it where samples were many. Its
-- row is written in the transaction that removes the sheaves: before that its blocks are nothing.
CREATE TABLE part (
    id        INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL UNIQUE,
    from_ns   INTEGER NOT NULL,
    to_ns     INTEGER NOT NULL
);

-- One tag's samples of one part; key = part * 1048576 + tag. `minutes` is the envelope that trends
-- read, NULL where the samples themselves are as few; `shown` is what a trend needs of them.
CREATE TABLE block (
    key     INTEGER PRIMARY KEY,
    samples INTEGER NOT NULL,
    from_ns INTEGER NOT NULL,
    to_ns   INTEGER NOT NULL,
    minutes BLOB,
    shown   BLOB    NOT NULL,
    rest    BLOB    NOT NULL
);

-- Where the chain of events begins since the oldest were let go: `prev` is the hash that the first
-- kept row must carry, `gone` how many rows were before it.
CREATE TABLE anchor (
    first_seq INTEGER NOT NULL,
    prev      BLOB    NOT NULL,
    gone      INTEGER NOT NULL
);
