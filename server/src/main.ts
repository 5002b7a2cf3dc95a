#!/usr/bin/env node
import { readConfig } from "./config.js";
import { startDemo } from "./demo.js";
import { jsonLog } from "./log.js";

const usage = `Usage: resetkit-server demo

  demo   starts an app with user accounts, resetkit, and an inbox, on an embedded database

Environment: PORT (3000), HOST (127.0.0.1), DATA_DIR (.data), BASE_URL, THROTTLE=off, SMTP_URL, MAIL_FROM, EXPOSE=on, METRICS_PORT
`;

/** Runs the demo. Standard output is for people; the log goes to standard error. */
async function demo(): Promise<void> {
  // Only the owner can read the files that are written, including the database.
  process.umask(0o077);
  const log = jsonLog(
    (line) => process.stderr.write(line),
    () => new Date(),
  );
  const { url, stop } = await startDemo(readConfig(process.env), log);
  process.stdout.write(`\n  The resetkit demo is ready: ${url}\n  Press Ctrl+C to stop.\n\n`);

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.event("stopping", { signal });
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.unforeseen("The demo didn't shut down cleanly", error);
          process.exit(1);
        },
      );
    });
  }
}

const [command, ...rest] = process.argv.slice(2);
if (command === "demo" && rest.length === 0) {
  await demo().catch((error: unknown) => {
    process.stderr.write(`resetkit-server: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
} else {
  const wanted = command === "--help" || command === "-h";
  (wanted ? process.stdout : process.stderr).write(usage);
  process.exitCode = wanted ? 0 : 2;
}
