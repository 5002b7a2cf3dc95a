import type { QueuedEntry, RequestQueue, Store, TokenRow } from "../types.js";

const pageSize = 500;

interface Page<Key> {
  readonly after: Key | undefined;
  readonly limit: number;
}

export function allTokens({ tokens }: Store): AsyncGenerator<TokenRow> {
  return everything(
    (page: Page<Uint8Array>) => tokens.list(page),
    ({ lookup }) => lookup,
  );
}

export function allEntries(queue: RequestQueue): AsyncGenerator<QueuedEntry> {
  return everything(
    (page: Page<string>) => queue.list(page),
    ({ id }) => id,
  );
}

/** The first rows, at most `limit`: a report must not take minutes. */
export async function firstOf<T>(rows: AsyncGenerator<T>, limit: number): Promise<T[]> {
  const first: T[] = [];
  for await (const row of rows) {
    if (first.push(row) === limit) break;
  }
  return first;
}

async function* everything<Row, Key>(
  list: (page: Page<Key>) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): AsyncGenerator<Row> {
  let after: Key | undefined;
  for (;;) {
    const page = await list({ after, limit: pageSize });
    for (const row of page) {
      yield row;
      after = keyOf(row);
    }
    if (page.length < pageSize) return;
  }
}

/** One entry by its id; undefined if the queue doesn't have it. */
export async function entryOf(queue: RequestQueue, id: string): Promise<QueuedEntry | undefined> {
  for await (const entry of allEntries(queue)) if (entry.id === id) return entry;
  return undefined;
}
