-- All tables of the service. Only TEXT, BIGINT, BYTEA, so that SQLite and PostgreSQL read the same file.
-- Times are microseconds since 1970-01-01T00:00:00Z; lists are JSON text; flags are 0 or 1.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('journal', 0);
INSERT INTO counters (name, value) VALUES ('generation', 1);

-- Keys of ours, sealed under the master key.
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    username TEXT NOT NULL,
    display_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX accounts_email ON accounts (email);

-- TOTP secrets, sealed; last_step is the latest 30-second step whose code was spent.
CREATE TABLE second_factors (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    sealed BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- One login: which family it discharged, for what, from where, and the SSO's refresh token, sealed.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    token_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    scope TEXT NOT NULL,
    description TEXT NOT NULL,
    sealed_refresh BYTEA NOT NULL,
    logged_in_at BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_token ON sessions (token_id);

-- The truth about revocations; seq has no gaps. reach NULL: all, for good.
CREATE TABLE revocations (
    seq BIGINT PRIMARY KEY,
    subject TEXT NOT NULL,
    reach BIGINT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    forget_at BIGINT
);
CREATE INDEX revocations_subject ON revocations (subject);

CREATE TABLE snaps (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    private BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    last_revision BIGINT NOT NULL,
    last_release BIGINT NOT NULL
);
CREATE INDEX snaps_account ON snaps (account_id);

-- Bytes received, named by their upload id in the blob store; sha3_384 in lower-case hexadecimal.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    sha3_384 TEXT NOT NULL,
    size BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    claimed_at BIGINT
);

CREATE INDEX uploads_received_at ON uploads (received_at);

CREATE TABLE revisions (
    snap_id TEXT NOT NULL REFERENCES snaps (id),
    revision BIGINT NOT NULL,
    upload_id TEXT NOT NULL REFERENCES uploads (id),
    sha3_384 TEXT NOT NULL,
    size BIGINT NOT NULL,
    version TEXT NOT NULL,
    base TEXT,
    confinement TEXT NOT NULL,
    grade TEXT NOT NULL,
    architectures TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    token_id TEXT NOT NULL,
    PRIMARY KEY (snap_id, revision),
    UNIQUE (snap_id, sha3_384)
);
CREATE INDEX revisions_upload ON revisions (upload_id);

-- The outcome of a push, for the client's polling: accepted or duplicate (revision says which), delta-unsupported.
CREATE TABLE pushes (
    id TEXT PRIMARY KEY,
    snap_id TEXT NOT NULL REFERENCES snaps (id),
    outcome TEXT NOT NULL,
    revision BIGINT,
    created_at BIGINT NOT NULL
);

-- What was released where, one row an architecture; revision NULL closes the channel. The newest row of a channel
-- counts. branch '' is none.
CREATE TABLE releases (
    snap_id TEXT NOT NULL REFERENCES snaps (id),
    seq BIGINT NOT NULL,
    architecture TEXT NOT NULL,
    track TEXT NOT NULL,
    risk TEXT NOT NULL,
    branch TEXT NOT NULL,
    revision BIGINT,
    released_at BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (snap_id, seq)
);
