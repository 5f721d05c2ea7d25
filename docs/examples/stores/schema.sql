-- SPDX-License-Identifier: Apache-2.0
-- What the PostgreSQL store, its outbox, its guard and its sessions need. Run it as the role the hosts use, and again with
-- each new version before the hosts of that version start: it only ever adds, so older hosts go on working.

-- Revisions of all records. A sequence is not rolled back and not reset, so none comes twice (K-03).
CREATE SEQUENCE IF NOT EXISTS otpcore_revision;

CREATE TABLE IF NOT EXISTS otpcore_records (
  key bytea PRIMARY KEY,     -- RecordKey::bytes(); bytea compares bytewise (K-07)
  revision bigint NOT NULL,
  body bytea NOT NULL        -- Protect
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

-- Admits to all quotas or to none: `answer` is 1 admitted, 2 too many, 3 too few authenticated. Quota i counts the events
-- of bucket sends[i] within windows[i] milliseconds; most[i] is its limit, or where verified[i] is not empty the least per
-- cent of the events older than `life` that bucket must have, once they are least_ended[i]. What was admitted before is
-- admitted again and takes nothing; of a refusal nothing is kept.
--
-- A refusal is seen before any lock is taken, and nothing waits for the disk while it holds one, so a flood on one
-- Organization does not hold up the others. The price: a crash of the server may forget the last moment's events.
CREATE OR REPLACE FUNCTION otpcore_admit(
  operation bytea, life bigint, sends bytea[], verified bytea[], most bigint[], least_ended bigint[], windows bigint[],
  OUT answer smallint, OUT wait_ms bigint
) LANGUAGE plpgsql AS $$
DECLARE
  ms CONSTANT interval := interval '1 millisecond';
  locked boolean := false;
  now_ timestamptz;  -- a variable, for an index cannot be searched by a function that changes
  bucket_to_lock bytea;
  ended bigint;
  proved bigint;
  full_until timestamptz;
  oldest timestamptz;
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
    FOR i IN 1 .. cardinality(sends) LOOP
      IF length(verified[i]) > 0 THEN
        SELECT count(*) FILTER (WHERE bucket = sends[i] AND at <= now_ - life * ms),
               count(*) FILTER (WHERE bucket = verified[i]),
               min(at) FILTER (WHERE bucket = sends[i])
          INTO ended, proved, oldest FROM otpcore_guard_events
          WHERE bucket IN (sends[i], verified[i]) AND at > now_ - windows[i] * ms;
        CONTINUE WHEN ended < least_ended[i] OR proved * 100 >= ended * most[i];
        answer := 3;  -- until the oldest send leaves, as far as anybody can say
        wait_ms := greatest(wait_ms, ceil(extract(epoch FROM oldest + windows[i] * ms - now_) * 1000));
        CONTINUE;
      END IF;
      full_until := now_ + windows[i] * ms;
      IF most[i] > 0 THEN  -- the newest most[i] fill it until the oldest of them leaves
        SELECT at INTO full_until FROM otpcore_guard_events
          WHERE bucket = sends[i] AND at > now_ - windows[i] * ms ORDER BY at DESC OFFSET most[i] - 1 LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        full_until := full_until + windows[i] * ms;
      END IF;
      answer := greatest(answer, 2);
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
        EXIT;
      END IF;
      CONTINUE;  -- it was admitted or given back meanwhile
    END IF;
    -- One admission at a time per bucket, always locked in the same order.
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
$$;

-- Sessions that hosts share, under a digest of their token. Ends are by the hosts' clocks.
CREATE TABLE IF NOT EXISTS otpcore_sessions (
  token bytea PRIMARY KEY,
  organization_id bytea NOT NULL,
  member_id bytea NOT NULL,
  factors bigint[] NOT NULL,  -- session_digest.h: when each kind was shown last
  expires_at_ms bigint NOT NULL,
  metadata bytea NOT NULL    -- the host's own
);
CREATE INDEX IF NOT EXISTS otpcore_sessions_end ON otpcore_sessions (expires_at_ms);
