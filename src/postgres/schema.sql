-- SPDX-License-Identifier: Apache-2.0
-- What the PostgreSQL store, its outbox, its guard and its sessions need; `otpcore migrate` runs it, in one transaction,
-- when the version below is not there. It only ever adds, so older hosts go on working. The hosts' role needs SELECT,
-- INSERT, UPDATE and DELETE on the tables, USAGE on the sequence, EXECUTE on the functions, and nothing else.

-- One row.
CREATE TABLE IF NOT EXISTS otpcore_schema (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  version integer NOT NULL
);
INSERT INTO otpcore_schema (version) VALUES (2) ON CONFLICT (single) DO UPDATE SET version = excluded.version;

-- Revisions of all records. A sequence is not rolled back and not reset, so none comes twice (K-03).
CREATE SEQUENCE IF NOT EXISTS otpcore_revision;

CREATE TABLE IF NOT EXISTS otpcore_records (
  key bytea PRIMARY KEY,     -- RecordKey::bytes(); bytea compares bytewise (K-07)
  revision bigint NOT NULL,
  body bytea NOT NULL        -- Protect
);

-- Version 2: where a Member is, by the id alone; for PostgresDirectory. An update of a record does not touch
-- it. On a large table make it beforehand with CREATE INDEX CONCURRENTLY, under the same name: what is there already is not
-- made again.
CREATE INDEX IF NOT EXISTS otpcore_records_member ON otpcore_records (substr(key, 3 + get_byte(key, 1)))
  WHERE get_byte(key, 0) = 2;

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

-- For hosts in any language: a load and a commit are one call each. otpcore's own library uses the second one.
--
-- The records of `keys` that are there, as of one moment, each with the epoch; one row of nulls and the epoch when none is. No
-- row at all: there is no epoch, so nothing is known.
CREATE OR REPLACE FUNCTION otpcore_load(keys bytea[])
RETURNS TABLE (epoch bigint, key bytea, revision bigint, body bytea) LANGUAGE sql STABLE AS $$
  SELECT e.epoch, r.key, r.revision, r.body FROM otpcore_epoch AS e LEFT JOIN otpcore_records AS r ON r.key = ANY (keys)
$$;

-- Writes all of `bodies` and answers true, or writes nothing and answers false: some record has not the revision
-- `expected`, 0 where it must not be there. An empty body deletes. With a `challenge` the message goes into the outbox. Must
-- run as a transaction of its own under read committed; SQLSTATE 40001 and 40P01 are a false, too.
CREATE OR REPLACE FUNCTION otpcore_commit(
  keys bytea[], expected bigint[], bodies bytea[], challenge bytea DEFAULT '', sealing_key bigint DEFAULT 0, message bytea DEFAULT '',
  expires_ms bigint DEFAULT 0
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  place record;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN  -- its snapshot is older than its locks
    RAISE 'otpcore_commit needs read committed';
  END IF;
  -- All are compared, and those that are there locked, before the first is written; in the order of their keys, so that
  -- commits do not wait for each other in a circle.
  FOR place IN SELECT * FROM unnest(keys, expected, bodies) AS w (k, e, b) ORDER BY k LOOP
    IF place.e = 0 THEN
      PERFORM FROM otpcore_records WHERE key = place.k;
      IF FOUND THEN
        RETURN false;
      END IF;
    ELSE
      PERFORM FROM otpcore_records WHERE key = place.k AND revision = place.e FOR UPDATE;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
    END IF;
  END LOOP;
  FOR place IN SELECT * FROM unnest(keys, expected, bodies) AS w (k, e, b) ORDER BY k LOOP
    IF length(place.b) = 0 THEN
      DELETE FROM otpcore_records WHERE key = place.k;
    ELSIF place.e <> 0 THEN
      UPDATE otpcore_records SET revision = nextval('otpcore_revision'), body = place.b WHERE key = place.k;
    ELSE
      INSERT INTO otpcore_records VALUES (place.k, nextval('otpcore_revision'), place.b) ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN  -- a row that is not there has no lock; this takes back what was written before it
        RAISE 'another commit made it' USING ERRCODE = '40001';
      END IF;
    END IF;
  END LOOP;
  IF length(challenge) > 0 THEN
    INSERT INTO otpcore_outbox (challenge_id, key_id, sealed, expires_at)
      VALUES (challenge, sealing_key, message, to_timestamp(expires_ms / 1000.0)) ON CONFLICT DO NOTHING;
  END IF;
  RETURN true;
END $$;

-- The guard: what was admitted, and the events that its quotas count. A kind is an answer of otpcore_admit: 1 stands for an
-- admission, 2 for one that was given back and may still come.
CREATE TABLE IF NOT EXISTS otpcore_admissions (
  operation_id bytea PRIMARY KEY,  -- of the admission: one for each run of an operation
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

-- The passcodes that a conversion quota looks at (L-07): those sent to the numbers of an Organization and region.
CREATE TABLE IF NOT EXISTS otpcore_guard_passcodes (
  operation_id bytea PRIMARY KEY,         -- of the admission; the challenge has the same id
  bucket bytea NOT NULL,
  member bytea NOT NULL,
  number bytea NOT NULL,
  ends_at timestamptz NOT NULL,           -- its expiry, unless it ended before
  proved boolean NOT NULL DEFAULT false   -- counts among the proved
);
CREATE INDEX IF NOT EXISTS otpcore_guard_passcodes_end ON otpcore_guard_passcodes (bucket, ends_at);

-- Admits to all quotas or to none: `answer` is 1 admitted, 2 too many, 3 too few authenticated. Quota i counts the events
-- of bucket sends[i] within windows[i] milliseconds; most[i] is its limit. Unless `conversion` is empty, fewer than
-- `least_percent` of the passcodes of that bucket that ended within `span` milliseconds must not be proved, once they are
-- `least_ended`; a Member counts at most twice among them. This one is for `member` and `number`, ends after `life`, and
-- ends the passcode `replaced` now. What was admitted before is admitted again and takes nothing; of a refusal nothing is
-- kept.
--
-- A refusal is seen before any lock is taken, and nothing waits for the disk while it holds one, so a flood on one
-- Organization does not hold up the others. The price: a crash of the server may forget the last moment's events.
CREATE OR REPLACE FUNCTION otpcore_admit(
  operation bytea, sends bytea[], most bigint[], windows bigint[], conversion bytea, least_percent bigint, least_ended bigint,
  span bigint, life bigint, member bytea, number bytea, replaced bytea, OUT answer smallint, OUT wait_ms bigint
) LANGUAGE plpgsql AS $$
DECLARE
  ms CONSTANT interval := interval '1 millisecond';
  locked boolean := false;
  now_ timestamptz;  -- a variable, for an index cannot be searched by a function that changes
  bucket_to_lock bytea;
  ended bigint;
  proofs bigint;
  full_until timestamptz;
  known record;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN  -- it would count what was there before its locks
    RAISE 'otpcore_admit needs read committed';
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  LOOP
    now_ := clock_timestamp();
    answer := 1;
    wait_ms := 0;
    IF length(conversion) > 0 THEN
      SELECT count(*), count(*) FILTER (WHERE proved), min(ends_at) + span * ms INTO ended, proofs, full_until
        FROM otpcore_guard_passcodes AS p WHERE bucket = conversion AND ends_at > now_ - span * ms AND ends_at <= now_;
      IF ended >= least_ended AND proofs * 100 < ended * least_percent THEN  -- else twice a Member would not change that
        SELECT sum(least(passcodes, 2)) INTO ended FROM (SELECT count(*) AS passcodes
          FROM otpcore_guard_passcodes AS p WHERE bucket = conversion AND ends_at > now_ - span * ms AND ends_at <= now_
          GROUP BY p.member) AS members;
        IF ended >= least_ended AND proofs * 100 < ended * least_percent THEN
          answer := 3;  -- until the first one leaves, as far as anybody can say
          wait_ms := ceil(extract(epoch FROM full_until - now_) * 1000);
        END IF;
      END IF;
    END IF;
    FOR i IN 1 .. cardinality(sends) LOOP
      full_until := now_ + windows[i] * ms;
      IF most[i] > 0 THEN  -- the newest most[i] fill it until the oldest of them leaves
        SELECT at INTO full_until FROM otpcore_guard_events
          WHERE bucket = sends[i] AND at > now_ - windows[i] * ms ORDER BY at DESC OFFSET most[i] - 1 LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        full_until := full_until + windows[i] * ms;
      END IF;
      answer := 2;
      wait_ms := greatest(wait_ms, ceil(extract(epoch FROM full_until - now_) * 1000));
    END LOOP;
    -- After the counting, for the last place may have been taken by this very admission, sent twice.
    SELECT kind, retry_after_ms INTO known FROM otpcore_admissions WHERE operation_id = operation;
    IF FOUND THEN
      answer := known.kind;
      wait_ms := known.retry_after_ms;
    END IF;
    EXIT WHEN FOUND OR answer > 1;
    IF locked THEN
      INSERT INTO otpcore_admissions VALUES (operation, 1, 0, clock_timestamp()) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        INSERT INTO otpcore_guard_events SELECT DISTINCT b, clock_timestamp(), operation FROM unnest(sends) AS b;
        IF length(conversion) > 0 THEN
          INSERT INTO otpcore_guard_passcodes
            VALUES (operation, conversion, member, number, clock_timestamp() + life * ms);
          UPDATE otpcore_guard_passcodes SET ends_at = now_ WHERE operation_id = replaced AND ends_at > now_;
        END IF;
        EXIT;
      END IF;
      CONTINUE;  -- it was admitted or given back meanwhile
    END IF;
    -- One admission at a time per bucket, always locked in the same order. The conversion needs no lock: what is admitted
    -- now has not ended.
    FOR bucket_to_lock IN SELECT DISTINCT b FROM unnest(sends) AS b ORDER BY b LOOP
      PERFORM pg_advisory_xact_lock(hashtextextended(encode(bucket_to_lock, 'hex'), 0));
    END LOOP;
    locked := true;
  END LOOP;
END $$;

-- Gives back what was admitted. The admission may still be on the way, perhaps once more, from a host that heard no answer:
-- for ten minutes from the first return it is one too many and takes nothing.
CREATE OR REPLACE FUNCTION otpcore_return(operation bytea) RETURNS void LANGUAGE sql AS $$
  INSERT INTO otpcore_admissions AS known VALUES (operation, 2, 600000, clock_timestamp())
    ON CONFLICT (operation_id) DO UPDATE SET kind = 2, retry_after_ms = 600000, at = clock_timestamp() WHERE known.kind = 1;
  DELETE FROM otpcore_guard_events WHERE operation_id = operation;
  DELETE FROM otpcore_guard_passcodes WHERE operation_id = operation;
$$;

-- A passcode ended before its expiry: it was used, or failed too often. `proves`: it verified its number. That counts,
-- unless a proof of the same Member or number does that ended within `span` milliseconds.
CREATE OR REPLACE FUNCTION otpcore_end(operation bytea, proves boolean, span bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now_ timestamptz;
  own record;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE otpcore_guard_passcodes SET ends_at = least(ends_at, clock_timestamp()) WHERE operation_id = operation
    RETURNING * INTO own;
  IF NOT FOUND OR NOT proves THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(encode(own.bucket, 'hex'), 0));  -- one proof at a time
  now_ := clock_timestamp();
  UPDATE otpcore_guard_passcodes SET proved = true WHERE operation_id = operation AND NOT EXISTS (
    SELECT FROM otpcore_guard_passcodes AS other
      WHERE other.bucket = own.bucket AND other.ends_at > now_ - span * interval '1 millisecond' AND other.proved
      AND (other.member = own.member OR other.number = own.number));
END $$;

-- Sessions that hosts share, under a digest of their token. Ends are by the hosts' clocks.
CREATE TABLE IF NOT EXISTS otpcore_sessions (
  token bytea PRIMARY KEY,
  organization_id bytea NOT NULL,
  member_id bytea NOT NULL,
  session_id bytea NOT NULL,  -- Session::id
  factors bigint[] NOT NULL,  -- session_digest.h: when each kind was shown last
  email_address bytea NOT NULL DEFAULT '',  -- that its e-mail factor proved; empty: none
  expires_at_ms bigint NOT NULL,
  metadata bytea NOT NULL    -- the host's own
);
CREATE INDEX IF NOT EXISTS otpcore_sessions_end ON otpcore_sessions (expires_at_ms);
CREATE INDEX IF NOT EXISTS otpcore_sessions_id ON otpcore_sessions (session_id);
CREATE INDEX IF NOT EXISTS otpcore_sessions_member ON otpcore_sessions (member_id);
