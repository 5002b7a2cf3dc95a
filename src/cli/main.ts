#!/usr/bin/env node
import { run } from "./run.js";

// What is logged goes to stderr: stdout has what was asked for, which may be JSON.
console.info = console.error;

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  progress: process.stdout.isTTY ? process.stdout : null,
  folder: process.cwd(),
});
