-- hazard.db: finished hazard estimates. One row each; only the hazard daemon writes it.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- body: the estimate; inputs: what it was made from. Both JSON, deflated (zlib).
CREATE TABLE estimate (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    utc_ns INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    body   BLOB    NOT NULL,
    inputs BLOB    NOT NULL
);
