import { createConnection } from "mysql2/promise";
import { isRoot } from "./debian.js";
import { answering } from "./shared.js";

/** Both servers run as who runs the tests, and refuse root unless it is named. */
export const asUser = isRoot ? ["--user=root"] : [];

/** Loopback only; the data is thrown away, so durability costs nothing. */
export function settings(folder: string, port: number): string[] {
  return [
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
  ];
}

export async function answeringAt(folder: string, port: number): Promise<string> {
  const url = `mysql://root@127.0.0.1:${port}`;
  await answering(folder, () => query(url, "select 1"));
  return url;
}

export async function newDatabase(server: string): Promise<string> {
  const url = new URL(server);
  url.pathname = `/test_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(server, `create database ${url.pathname.slice(1)}`);
  return url.href;
}

async function query(url: string, text: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(text);
  } finally {
    connection.destroy();
  }
}
