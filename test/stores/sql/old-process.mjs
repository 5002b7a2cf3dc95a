/**
 * A process of version 0.1.0 as the database sees it: it adds, leases, retries and removes entries of the queue, and puts
 * and spends a token, by the statements of that version, until its input ends. It prints a line per round.
 *
 *   node old-process.mjs sqlite <file>
 *   node old-process.mjs postgres|mysql <url>
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import pg from "pg";

const [kind, place] = process.argv.slice(2);
const { run, close } = { sqlite, postgres, mysql }[kind](place);
const bytes = (length, seed) => Buffer.from(Array.from({ length }, (_, i) => (seed * 31 + i * 7) % 256));

let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

for (let round = 1; !isOver; round++) {
  const id = round.toString(16).padStart(32, "0");
  // Due long before the moments that other processes of the test work at.
  await run("insert into resetkit_queue (id, sealed, added_at, due_at) values (?, ?, ?, ?)", [
    id,
    bytes(60, round),
    1,
    1,
  ]);
  assert.deepEqual(await lease(1, 2), [id]);
  await run("update resetkit_queue set due_at = ? where id = ?", [1, id]);
  assert.equal((await run("delete from resetkit_queue where id = ?", [id])).changes, 1);

  const lookup = bytes(16, round);
  const columns =
    "lookup, proof, code_lookup, code_proof, code_expires_at, scope, user_id, created_at, expires_at, delivery, " +
    "leased_until, ip, user_agent, slot";
  await run(`insert into resetkit_tokens (${columns}) values (${Array(14).fill("?").join(", ")})`, [
    ...[lookup, bytes(32, round), null, null, null, "", "s:old", 1, 2, "pending", 0, null, null, 0],
  ]);
  assert.equal((await run("delete from resetkit_tokens where lookup = ?", [lookup])).changes, 1);
  console.log(round);
  await pause(1);
}
await close();

async function lease(now, until) {
  if (kind === "postgres") {
    const { rows } = await run(
      "update resetkit_queue as entry set due_at = ? from (select id, due_at from resetkit_queue where due_at <= ? " +
        "order by due_at, id limit ? for update skip locked) as due where entry.id = due.id " +
        "returning entry.id, entry.sealed, entry.added_at as addedat, due.due_at as dueat",
      [until, now, 5],
    );
    return rows.map((row) => row.id);
  }
  const due = await run(
    "select id, sealed, added_at as addedat, due_at as dueat from resetkit_queue where due_at <= ? order by due_at, id limit ?",
    [now, 5],
  );
  const leased = [];
  for (const row of due.rows) {
    const text = "update resetkit_queue set due_at = ? where id = ? and due_at = ?";
    const { changes } = await run(text, [until, row.id, row.dueat]);
    if (changes === 1) leased.push(String(row.id));
  }
  return leased;
}

function sqlite(file) {
  const db = new Database(file);
  const prepared = new Map();
  const run = async (text, values) => {
    if (!prepared.has(text)) prepared.set(text, db.prepare(text));
    const statement = prepared.get(text);
    if (statement.reader) return { rows: statement.all(...values) };
    return { changes: statement.run(...values).changes };
  };
  return { run, close: () => db.close() };
}

function postgres(url) {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const names = new Map();
  const run = async (text, values) => {
    if (!names.has(text)) names.set(text, `old_${names.size}`);
    let n = 0;
    const numbered = text.replace(/\?/g, () => `$${++n}`);
    const { rows, rowCount } = await pool.query({ name: names.get(text), text: numbered, values });
    return { rows, changes: rowCount };
  };
  return { run, close: () => pool.end() };
}

function mysql(url) {
  const pool = createPool({ uri: url, connectionLimit: 2 });
  const run = async (text, values) => {
    const [result] = await pool.execute(text, values);
    return Array.isArray(result) ? { rows: result } : { changes: result.affectedRows };
  };
  return { run, close: () => pool.end() };
}
