-- Cuts that were taken back, and which Redis the revocation list is in.

-- leaked: 1 if something had leaked, so that the cut may never be lifted. lifts: the entry that this one takes back.
-- lifted_by: the entry that took this one back. forget_at: microseconds, when nothing it concerns can be valid any more.
ALTER TABLE revocations ADD COLUMN leaked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE revocations ADD COLUMN lifts BIGINT;
ALTER TABLE revocations ADD COLUMN lifted_by BIGINT;

-- One row: the term of the list (each takes the place of all before it), the process of Redis it is in, whether it is
-- complete, whether every service has let go of the terms before, and how often its builder has been heard of.
DELETE FROM counters WHERE name = 'generation';
CREATE TABLE list_terms (
    id BIGINT PRIMARY KEY,
    term BIGINT NOT NULL,
    home TEXT NOT NULL,
    built BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    beats BIGINT NOT NULL
);
INSERT INTO list_terms (id, term, home, built, settled, beats) VALUES (1, 0, '', 0, 1, 0);
