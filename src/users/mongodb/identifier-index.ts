import type { Finding } from "../../types.js";
import { large } from "../shared/large.js";
import type { MongodbCollection } from "./collection.js";

/**
 * Warns of identifiers that no index begins with. Anyone can request a reset, and each request would read the whole
 * collection.
 */
export async function unindexed(
  collection: MongodbCollection,
  identifiers: readonly string[],
  made: string,
): Promise<readonly Finding[]> {
  // A collection of Mongoose or of the driver has it. Others, such as a test's, may not.
  if (!collection.indexes) return [];
  if (!(await collection.findOne({}, { skip: large, projection: { _id: 1 } }))) return [];
  const firsts = (await collection.indexes()).map(({ key }) => Object.keys(key)[0]);
  return identifiers
    .filter((field) => !firsts.includes(field))
    .map((field) => ({
      level: "warning",
      what: `The collection has over ${large} documents and no index on ${made}'s identifier, ${JSON.stringify(field)}, so each request reads all of them.`,
      fix: `Run: db.collection.createIndex({ ${JSON.stringify(field)}: 1 }).`,
    }));
}
