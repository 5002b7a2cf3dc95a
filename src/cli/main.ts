#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { run } from "./run.js";

// Logs go to stderr, because stdout is for results, which may be JSON.
console.info = console.error;

const { stdin: input, stdout, stderr: output } = process;

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void stdout.write(`${text}\n`),
  err: (text) => void output.write(`${text}\n`),
  progress: stdout.isTTY ? stdout : null,
  ask: input.isTTY && output.isTTY ? ask : null,
  folder: process.cwd(),
});

// A pool that isn't closed would keep a cron job running forever. The timer itself doesn't keep the process alive.
setTimeout(() => {
  output.write(
    "Something is still open, such as a connection pool. Export close() from the configuration.\n",
  );
  process.exit();
}, 3_000).unref();

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input, output });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
