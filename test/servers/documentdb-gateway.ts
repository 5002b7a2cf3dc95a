/**
 * MongoDB's wire protocol in front of DocumentDB: each command becomes a call of its SQL function. Debian has no
 * gateway, so this one is ours. It runs a command again if DocumentDB reports a deadlock or a conflict, as its own does.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { BSON } from "mongodb";
import { Pool } from "pg";
import { type Command, type Listening, listenForMongodb } from "./mongodb-wire.js";
import { buildInfo, greeting } from "./mongodb-greeting.js";

export async function startGateway(documentdb: string): Promise<Listening> {
  const pool = new Pool({ connectionString: documentdb, max: 100 });
  // The server ends before its clients, when a run ends.
  pool.on("error", () => undefined);
  const cursors = new Map<string, Buffer>();

  const run = async (command: Command): Promise<object> => {
    const [name] = Object.keys(command) as [string];
    const database = String(command["$db"] ?? "admin");
    const constant = constants[name.toLowerCase()];
    if (constant) return { ...constant, ok: 1 };
    const spec = BSON.serialize(
      Object.fromEntries(Object.entries(command).filter(([key]) => !ofSession.has(key))),
    );
    if (name === "dropDatabase") {
      await pool.query("select documentdb_api.drop_database($1)", [database]);
      return { ok: 1, dropped: database };
    }
    if (name === "getMore") {
      const id = String(command["getMore"]);
      const more = `select cursorpage::bytea result, continuation::bytea from documentdb_api.cursor_get_more($1, ${bson(2)}, ${bson(3)})`;
      const { rows } = await pool.query(more, [database, spec, cursors.get(id)]);
      cursors.delete(id);
      return page(rows[0]);
    }
    const call = calls[name];
    if (!call) return { ok: 0, code: 59, errmsg: `no such command: '${name}'` };
    if (name === "createIndexes") await create(database, String(command["createIndexes"]));
    for (let attempt = 1; ; attempt++) {
      try {
        const { rows } = await pool.query(call, [database, spec]);
        return page(rows[0]);
      } catch (error) {
        // MongoDB itself runs a write again until it has no conflict.
        if (!conflicts.has((error as { code?: string }).code!) || attempt === 1_000) {
          return refusal(error as Error, name);
        }
        await pause(Math.min(attempt, 20));
      }
    }
  };

  /** A collection may be there already, or be made by another connection at this moment. */
  const create = (database: string, collection: string) =>
    pool
      .query("select documentdb_api.create_collection($1, $2)", [database, collection])
      .catch(() => undefined);

  function page(row: { result: Buffer; continuation?: Buffer | null }): object {
    const result: any = read(row.result);
    const id = String(result.cursor?.id ?? "0");
    if (row.continuation && id !== "0") cursors.set(id, row.continuation);
    for (const error of result.writeErrors ?? []) {
      if (isDuplicate(String(error.errmsg))) Object.assign(error, asDuplicate(String(error.errmsg)));
    }
    return { ok: 1, ...result };
  }

  const listening = await listenForMongodb({
    read,
    write: (document) => BSON.serialize(document),
    run: (command) => run(command).catch((error: Error) => refusal(error, "")),
  });
  return {
    url: listening.url,
    async stop() {
      await listening.stop();
      await pool.end();
    },
  };
}

/** Nothing may become a number of JavaScript on the way. */
const read = (bytes: Uint8Array): Command =>
  BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });

const constants: Readonly<Record<string, object>> = {
  hello: greeting,
  ismaster: greeting,
  ping: {},
  endsessions: {},
  killcursors: {},
  buildinfo: buildInfo,
};

/** What a driver says of its session, and DocumentDB's functions don't take. One server is the majority. */
const ofSession = new Set(
  "lsid $db $clusterTime $readPreference txnNumber apiVersion writeConcern readConcern autocommit comment".split(
    " ",
  ),
);

const bson = (place: number) => `$${place}::bytea::documentdb_core.bson`;
const write = (name: string) => `select p_result::bytea result from documentdb_api.${name}($1, ${bson(2)})`;
const firstPage = (name: string) =>
  `select cursorpage::bytea result, continuation::bytea from documentdb_api.${name}_cursor_first_page($1, ${bson(2)})`;

const calls: Readonly<Record<string, string>> = {
  insert: write("insert"),
  update: write("update"),
  delete: write("delete"),
  findAndModify: write("find_and_modify"),
  find: firstPage("find"),
  aggregate: firstPage("aggregate"),
  listIndexes: firstPage("list_indexes"),
  count: `select document::bytea result from documentdb_api.count_query($1, ${bson(2)})`,
  createIndexes: `select documentdb_api_internal.create_indexes_non_concurrently($1, ${bson(2)}, true)::bytea result`,
};

/** Serialization failures and deadlocks. */
const conflicts = new Set(["40001", "40P01"]);

const duplicate = 11_000;
/** MongoDB's code and the first word of its sentence, which applications look for. */
const asDuplicate = (message: string) => ({ code: duplicate, errmsg: `E11000 ${message}` });
const isDuplicate = (message: string) => /duplicate key|E11000/i.test(message);

function refusal({ message, code }: Error & { code?: string }, name: string): object {
  const isMissing = name === "listIndexes" && /does not (currently )?exist/.test(message);
  if (code === "23505" || isDuplicate(message)) return { ok: 0, ...asDuplicate(message) };
  return { ok: 0, code: isMissing ? 26 : 8, errmsg: message };
}
