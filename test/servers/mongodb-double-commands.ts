import { Aggregator, find, Query, updateOne } from "mingo";
import { buildInfo, greeting } from "./mongodb-greeting.js";
import type { Command } from "./mongodb-wire.js";

interface Index {
  readonly name: string;
  readonly key: Record<string, number>;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly expireAfterSeconds?: number;
}

interface Collection {
  documents: Command[];
  indexes: Index[];
}

interface Failure {
  readonly code: number;
  readonly errmsg: string;
}

/** The commands of MongoDB that the store and its tests send, each done in one step. */
export function createDatabases() {
  const collections = new Map<string, Collection>();

  const open = (name: string): Collection => {
    let collection = collections.get(name);
    if (!collection) {
      collection = { documents: [], indexes: [{ name: "_id_", key: { _id: 1 }, unique: true }] };
      collections.set(name, collection);
    }
    return collection;
  };

  const handlers: Record<string, (command: Command, name: string) => object> = {
    hello: greet,
    ismaster: greet,
    ping: () => ({}),
    endSessions: () => ({}),
    buildInfo: () => buildInfo,

    dropDatabase(command) {
      for (const name of collections.keys()) if (name.startsWith(`${command.$db}.`)) collections.delete(name);
      return {};
    },

    createIndexes(command, name) {
      const { indexes } = open(name);
      for (const index of command.indexes as Index[]) {
        if (!indexes.some((one) => one.name === index.name)) indexes.push(index);
      }
      return {};
    },

    listIndexes(_command, name) {
      const collection = collections.get(name);
      if (!collection) return failed({ code: 26, errmsg: `ns does not exist: ${name}` });
      return { cursor: { id: 0n, ns: name, firstBatch: collection.indexes } };
    },

    find({ filter = {}, sort, skip, limit, projection }, name) {
      let cursor = find<Command>(collections.get(name)?.documents ?? [], filter, projection);
      if (sort) cursor = cursor.sort(sort);
      if (skip) cursor = cursor.skip(skip);
      if (limit) cursor = cursor.limit(limit);
      return { cursor: { id: 0n, ns: name, firstBatch: cursor.all() } };
    },

    aggregate({ pipeline }, name) {
      const found = new Aggregator(pipeline as Command[]).run(collections.get(name)?.documents ?? []);
      return { cursor: { id: 0n, ns: name, firstBatch: found } };
    },

    insert({ documents }, name) {
      const failure = (documents as Command[])
        .map((document) => replace(open(name), undefined, document))
        .find((one) => one !== undefined);
      return failure ? { n: 0, writeErrors: [{ index: 0, ...failure }] } : { n: documents.length };
    },

    update({ updates }, name) {
      const [{ q, u, upsert }] = updates as [Command];
      const { before, after, failure } = change(open(name), { query: q, update: u, upsert });
      if (failure) return { n: 0, nModified: 0, writeErrors: [{ index: 0, ...failure }] };
      if (before) return { n: 1, nModified: 1 };
      return after
        ? { n: 1, nModified: 0, upserted: [{ index: 0, _id: after._id }] }
        : { n: 0, nModified: 0 };
    },

    delete({ deletes }, name) {
      const [{ q, limit }] = deletes as [Command];
      const found = matching(open(name), q, {}).slice(0, limit || undefined);
      drop(open(name), found);
      return { n: found.length };
    },

    findAndModify(command, name) {
      const { query, sort, remove, update, upsert } = command;
      if (remove) {
        const found = matching(open(name), query, sort).slice(0, 1);
        drop(open(name), found);
        return { value: found[0] ?? null };
      }
      const { before, after, failure } = change(open(name), { query, sort, update, upsert });
      if (failure) return failed(failure);
      return { value: (command.new ? after : before) ?? null };
    },
  };

  return {
    run(command: Command): object {
      const [name, collection] = Object.entries(command)[0]!;
      const handler = handlers[name];
      if (!handler) return failed({ code: 59, errmsg: `The double does not know the command ${name}.` });
      return { ok: 1, ...handler(command, `${command.$db}.${collection}`) };
    },

    dropOver(at: Date) {
      for (const collection of collections.values()) {
        for (const { key, expireAfterSeconds } of collection.indexes) {
          if (expireAfterSeconds === undefined) continue;
          const field = Object.keys(key)[0]!;
          const latest = new Date(at.getTime() - expireAfterSeconds * 1000);
          drop(collection, matching(collection, { [field]: { $lte: latest } }, {}));
        }
      }
    },
  };
}

function greet() {
  return { ...greeting, localTime: new Date() };
}

function failed(failure: Failure) {
  return { ok: 0, ...failure };
}

function matching(collection: Collection, query: Command, sort: Command = {}): Command[] {
  const cursor = find<Command>(collection.documents, query);
  return Object.keys(sort).length > 0 ? cursor.sort(sort).all() : cursor.all();
}

function drop(collection: Collection, gone: readonly Command[]): void {
  collection.documents = collection.documents.filter((one) => !gone.includes(one));
}

interface Change {
  readonly query: Command;
  readonly update: Command | Command[];
  readonly sort?: Command;
  readonly upsert?: boolean;
}

/** Updates the first document that matches; with `upsert`, makes one of the query where none does. */
function change(collection: Collection, { query, update, sort, upsert }: Change) {
  const before = matching(collection, query, sort)[0];
  if (!before && !upsert) return {};
  const after = updated(before ?? equalitiesOf(query), update);
  const failure = replace(collection, before, after);
  return failure ? { failure } : { before, after };
}

function equalitiesOf(query: Command): Command {
  const isOperators = (value: unknown) =>
    typeof value === "object" && value !== null && Object.keys(value).some((key) => key.startsWith("$"));
  return Object.fromEntries(
    Object.entries(query).filter(([key, value]) => !key.startsWith("$") && !isOperators(value)),
  );
}

function updated(document: Command, update: Command | Command[]): Command {
  const copy = structuredClone(document);
  if (Array.isArray(update)) return new Aggregator(update).run([copy])[0] as Command;
  updateOne([copy], {}, update);
  return copy;
}

function replace(collection: Collection, before: Command | undefined, after: Command): Failure | undefined {
  const others = collection.documents.filter((one) => one !== before);
  for (const { name, key, unique, sparse } of collection.indexes) {
    if (!unique) continue;
    const fields = Object.keys(key);
    if (sparse && !new Query({ [fields[0]!]: { $exists: true } }).test(after)) continue;
    const same = Object.fromEntries(fields.map((field) => [field, valueAt(after, field)]));
    if (others.some((one) => fields.every((field) => valueAt(one, field) === same[field]))) {
      return { code: 11_000, errmsg: `E11000 duplicate key error index: ${name}` };
    }
  }
  collection.documents = [...others, after];
  return undefined;
}

function valueAt(document: Command, path: string): unknown {
  return path.split(".").reduce<any>((value, key) => value?.[key], document);
}
