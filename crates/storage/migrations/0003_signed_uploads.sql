-- Signed uploads: publishers' keys, what they signed, each package's policy, and the store's own word.

-- Publishers' keys. id: base64url of the SHA3-384 over the key, as assertions name it; public_key: the text of its
-- assertion's body. until: microseconds, NULL if it does not end. revoked_at and compromised_since say what a revocation
-- said: whether a key is revoked, the journal knows.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    registered_at BIGINT NOT NULL,
    revoked_at BIGINT,
    compromised_since BIGINT
);
CREATE INDEX signing_keys_account ON signing_keys (account_id);

-- with_code: 1 if a one-time code was given at the login. registered_key: the key that the login was spent on.
ALTER TABLE sessions ADD COLUMN with_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN registered_key TEXT;

-- snap-build assertions of publishers, each checked when it came; sha3_384 in lower-case hexadecimal.
CREATE TABLE builds (
    snap_id TEXT NOT NULL REFERENCES snaps (id),
    sha3_384 TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES signing_keys (id),
    assertion TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (snap_id, sha3_384, key_id)
);

-- source: the network that the bytes came from, for its quota. assertion: what came along with the bytes, unchecked.
ALTER TABLE uploads ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN assertion TEXT;
CREATE INDEX uploads_source ON uploads (source) WHERE claimed_at IS NULL;

-- signed_uploads: off, observe, required.
ALTER TABLE snaps ADD COLUMN signed_uploads TEXT NOT NULL DEFAULT 'off';
ALTER TABLE snaps ADD COLUMN default_track TEXT;

-- build_key: the key whose signature it was accepted with. observed: why it would have been refused, where it was only
-- observed.
ALTER TABLE revisions ADD COLUMN build_key TEXT;
ALTER TABLE revisions ADD COLUMN observed TEXT;
CREATE INDEX revisions_build_key ON revisions (build_key);

-- message: why it was refused. waits_until: until when a push waits for its assertion.
ALTER TABLE pushes ADD COLUMN message TEXT;
ALTER TABLE pushes ADD COLUMN waits_until BIGINT;

-- Tracks that a publisher has made, besides 'latest'.
CREATE TABLE tracks (
    snap_id TEXT NOT NULL REFERENCES snaps (id),
    name TEXT NOT NULL,
    version_pattern TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (snap_id, name)
);

-- Until now a release made its track.
INSERT INTO tracks (snap_id, name, version_pattern, created_at)
SELECT snap_id, track, NULL, MIN(released_at) FROM releases WHERE track <> 'latest' GROUP BY snap_id, track;

-- What the store has signed, the newest revision of each. primary_key: its values, parted by slashes.
CREATE TABLE assertions (
    type TEXT NOT NULL,
    primary_key TEXT NOT NULL,
    revision BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (type, primary_key)
);
