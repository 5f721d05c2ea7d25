// SPDX-License-Identifier: Apache-2.0
// PostgreSQL that tells what it did.
"use strict";
const fs = require("node:fs");
const { Postgres } = require("../../tests/wire/servers.js");
const { output } = require("./processes.js");

class MeasuredPostgres extends Postgres {
  constructor() {
    super();
    // Checkpoints come when measure.js asks for one; statements are counted when it says so.
    fs.appendFileSync(`${this.folder}/data/postgresql.conf`, `
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = 'none'
track_wal_io_timing = on
checkpoint_timeout = '1h'
max_wal_size = '16GB'
`);
  }
  sql(text) {
    return output(`${this.programs}/psql`, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", this.folder, "-U", "otpcore",
      "-d", "postgres", "-At", "-c", text]);
  }
  makeSchema(file) {
    this.sql(fs.readFileSync(file, "utf8"));
    this.sql("CREATE EXTENSION pg_stat_statements");
  }
  set(name, value) {
    this.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    this.sql("SELECT pg_reload_conf(), pg_sleep(0.3)");
  }
  checkpoint() { this.sql("CHECKPOINT"); }

  counters() {
    const [bytes, images, records, syncs, millis] = this.sql(
      "SELECT wal_bytes, wal_fpi, wal_records, wal_sync, wal_sync_time FROM pg_stat_wal").split("|").map(Number);
    const [commits] = this.sql("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'").split("|").map(Number);
    return { log_bytes: bytes, page_images: images, log_records: records, syncs, sync_us: millis * 1000, commits };
  }
  // Bytes per Member of the records' table and of its index, when nothing is dead in it.
  sizes(members) {
    this.sql("VACUUM (ANALYZE) otpcore_records");
    const [table, index, rows, body] = this.sql(
      "SELECT pg_table_size('otpcore_records'), pg_indexes_size('otpcore_records'), " +
      "(SELECT count(*) FROM otpcore_records), (SELECT sum(length(key) + length(body)) FROM otpcore_records)")
      .split("|").map(Number);
    return { table_bytes: table / members, index_bytes: index / members, rows: rows / members, payload_bytes: body / members };
  }
  // `count` more sends in every quota of the one Organization that the guard knows so far.
  fillGuard(count) {
    this.sql("INSERT INTO otpcore_guard_events SELECT bucket, clock_timestamp() - g * interval '17 ms', " +
      "decode(md5(random()::text), 'hex') FROM (SELECT DISTINCT bucket FROM otpcore_guard_events " +
      `WHERE substr(bucket, 1, 1) IN ('2', '3')) AS quotas, generate_series(1, ${count}) AS g`);
    this.sql("INSERT INTO otpcore_guard_passcodes SELECT decode(md5(random()::text), 'hex'), bucket, " +
      "decode(md5(random()::text), 'hex'), 'number', clock_timestamp() - g * interval '17 ms' " +
      `FROM (SELECT DISTINCT bucket FROM otpcore_guard_passcodes) AS quotas, generate_series(1, ${count}) AS g`);
    this.sql("VACUUM (ANALYZE) otpcore_guard_events");
    this.sql("VACUUM (ANALYZE) otpcore_guard_passcodes");
  }

  countStatements(on) { this.set("pg_stat_statements.track", on ? "top" : "none"); }
  resetStatements() { this.sql("SELECT pg_stat_statements_reset()"); }
  // Those of the host, without what a new connection says once.
  statements() {
    return Number(this.sql("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements " +
      "WHERE query NOT LIKE '%pg_stat%' AND query NOT LIKE '%set_config%'"));
  }

  // A block written and synced in the server's folder, by this process, as the log is.
  fsync() {
    const file = `${this.folder}/fsync`;
    const fd = fs.openSync(file, "w");
    const block = Buffer.alloc(8192, 1);
    for (let i = 0; i < 64; ++i) fs.writeSync(fd, block, 0, block.length, i * block.length);
    const micros = [];
    for (let i = 0; i < 1000; ++i) {
      fs.writeSync(fd, block, 0, block.length, (i % 64) * block.length);
      const before = process.hrtime.bigint();
      fs.fdatasyncSync(fd);
      micros.push(Number(process.hrtime.bigint() - before) / 1000);
    }
    fs.closeSync(fd);
    micros.sort((a, b) => a - b);
    return { mean_us: micros.reduce((a, b) => a + b) / micros.length, p50_us: micros[500], p99_us: micros[990],
      max_us: micros.at(-1) };
  }
}

module.exports = { MeasuredPostgres };
