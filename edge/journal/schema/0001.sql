-- The journal's first form. A file's format is its user_version: the number of its newest script.

-- gateway, epoch, created_ns, world, and clean (1 after a proper close).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row each time core opens the journal; mono_ns compares within one kernel boot only.
CREATE TABLE boot (
    id      INTEGER PRIMARY KEY,
    boot_id TEXT    NOT NULL,
    utc_ns  INTEGER NOT NULL,
    mono_ns INTEGER NOT NULL
);

-- Stream "event". `prev` is the SHA-256 of the row before it (of the epoch for the first).
CREATE TABLE event (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    utc_ns   INTEGER NOT NULL,
    mono_ns  INTEGER NOT NULL,
    boot     INTEGER NOT NULL REFERENCES boot (id),
    clock_ok INTEGER NOT NULL,
    world    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    params   TEXT    NOT NULL,
    prev     BLOB    NOT NULL
);

CREATE TABLE tag (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- Stream "sample". No secondary index: one wrote gigabytes a day. Readers bisect seq by time.
CREATE TABLE sample (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tag        INTEGER NOT NULL REFERENCES tag (id),
    source_ns  INTEGER NOT NULL,
    receive_ns INTEGER NOT NULL,
    value      REAL,
    quality    INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    world      TEXT    NOT NULL,
    mono_ns    INTEGER NOT NULL,
    boot       INTEGER NOT NULL REFERENCES boot (id),
    clock_ok   INTEGER NOT NULL
);

-- What each condition's last transition left behind, written with that transition's event.
CREATE TABLE condition_state (
    condition TEXT PRIMARY KEY,
    state     TEXT NOT NULL,
    params    TEXT NOT NULL
) WITHOUT ROWID;
