import { describeError } from "../runtime/log.js";
import type { Finding } from "../types.js";
import { need, withConfig } from "./config.js";
import { network } from "./network.js";
import { Failure, say, UsageError, type Call, type Command } from "./terminal.js";

export const doctor: Command = {
  name: "doctor",
  usage: "[--account <identifier>] [--scope <scope>] [--mail <address>]",
  summary: "finds what keeps resets from working, and names the fix",
  help: `Checks the secret, link, store, clock, worker, mail server, reverse proxy, and accounts.

  resetkit doctor
  resetkit doctor --account ada@example.com   also looks up an account, in both ways
  resetkit doctor --mail me@example.com       also sends a message whose link doesn't work
  resetkit doctor --json                      { "findings": [{ "level", "what", "fix" }] }

The exit code is 1 if it finds an error, and 0 if it finds nothing or only warnings. To check trustProxy as well, import
the module that mounts resetkit in the configuration. Run it with your application's environment variables.`,
  options: { account: { type: "string" }, mail: { type: "string" }, scope: { type: "string" } },
  async run(call) {
    if (call.words.length > 0) throw new UsageError("doctor takes no words, only options.");
    const findings = await examine(call);
    const { mail } = call.options;
    say(call, sentences(findings, mail !== undefined), { findings });
    const errors = findings.filter(({ level }) => level === "error").length;
    if (errors > 0) throw new Failure();
  },
};

async function examine(call: Call): Promise<readonly Finding[]> {
  const { account, mail, scope } = call.options as Record<string, string | undefined>;
  try {
    return await withConfig(call, (config) => need(config, "reset").check({ account, mail, scope, network }));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A configuration that fails to load is a common reason to run the doctor, so report it as a finding.
    return [
      {
        level: "error",
        what: `The configuration can't be loaded. ${error instanceof TypeError ? error.message : describeError(error)}`,
        fix: "Correct what the message names, and run the doctor again.",
      },
    ];
  }
}

function sentences(findings: readonly Finding[], isMailed: boolean): string {
  if (findings.length === 0) return `No problems found.${isMailed ? " The message was accepted." : ""}`;
  const lines = findings.map(({ level, what, fix }) => `${level}: ${what}\n  Fix: ${fix}`);
  const count = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}.`;
  return [...lines, count].join("\n");
}
