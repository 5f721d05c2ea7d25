-- What the PostgreSQL store, its outbox, its guard and its sessions need. Run it as the role the hosts use, and again with
-- each new version before the hosts of that version start: it only ever adds, so older hosts go on working.

-- Revisions of all records. A sequence is not rolled back and not reset, so none comes twice (K-03).
CREATE SEQUENCE IF NOT EXISTS otpcore_revision;

CREATE TABLE IF NOT EXISTS otpcore_records (
  key bytea PRIMARY KEY,     -- EncodeKey; bytea compares bytewise (K-07)
  revision bigint NOT NULL,
  body bytea NOT NULL        -- EncodeRecord
);

-- One row. PostgresStore::BeginEpoch changes it after a restore (K-11).
CREATE TABLE IF NOT EXISTS otpcore_epoch (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  epoch bigint NOT NULL
);
INSERT INTO otpcore_epoch (epoch) VALUES (1) ON CONFLICT DO NOTHING;

-- Messages that were committed and not yet taken by the gateway (D-07), sealed.
CREATE TABLE IF NOT EXISTS otpcore_outbox (
  challenge_id bytea PRIMARY KEY,
  key_id bigint NOT NULL,
  sealed bytea NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS otpcore_outbox_expires ON otpcore_outbox (expires_at);

-- The guard: what each operation was answered, and the events that its quotas count.
CREATE TABLE IF NOT EXISTS otpcore_admissions (
  operation_id bytea PRIMARY KEY,
  kind smallint NOT NULL,
  retry_after_ms bigint NOT NULL,
  at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS otpcore_guard_events (
  bucket bytea NOT NULL,
  at timestamptz NOT NULL,
  operation_id bytea NOT NULL,
  PRIMARY KEY (bucket, at, operation_id)
);
CREATE INDEX IF NOT EXISTS otpcore_guard_operations ON otpcore_guard_events (operation_id);

-- Sessions that hosts share, under a digest of their token. Ends are by the hosts' clocks.
CREATE TABLE IF NOT EXISTS otpcore_sessions (
  token bytea PRIMARY KEY,
  organization_id bytea NOT NULL,
  member_id bytea NOT NULL,
  factors bigint NOT NULL,   -- bits of session_digest.h
  expires_at_ms bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS otpcore_sessions_end ON otpcore_sessions (expires_at_ms);
