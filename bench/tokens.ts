/**
 * What a signed token costs, beside the raw MAC, a JWT library and Django: `npm run bench:tokens [rounds]`.
 * Writes docs/evidence/tokens.md; exits with 1 where a limit is missed.
 *
 * Every round runs every case in a process of its own, in turn with its unit; what counts is the median of the
 * rounds' ratios. They are ratios of processor time, all threads together: a neighbour on the machine takes
 * time, but not that.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { loadavg } from "node:os";
import { circumstances, keepFigures, table, writeEvidence } from "./evidence.js";
import { bundle, cases, jose, mailQuota, make, raw, rawWeb, verifyNode, verifyWeb } from "./tokens/cases.js";
import type { Cost } from "./tokens/measure.js";

/** What the page of all benchmarks tells of signed tokens. */
export interface TokenFigures {
  /** Rates in parts of one raw HMAC. */
  readonly verify: number;
  /** Without the mail rule, which is a throttle and no part of the token; and with it. */
  readonly make: number;
  readonly makeInAll: number;
  readonly perSecond: { readonly verify: number; readonly make: number };
  /** How many times as fast as Django's own check; null where there is no Django. */
  readonly besideDjango: number | null;
}

const rounds = Number(process.argv[2] ?? 15);
const djangoCheck = "Django's own check_token";

interface Measured {
  /** What the unit cost in the same process. Django has none. */
  readonly unit?: Cost;
  readonly call: Cost;
}

const load = loadavg()[0]!.toFixed(1);
const measured = new Map<string, Measured[]>();
let djangoVersion = "Django is not installed here (Debian: apt-get install python3-django)";
await bundle();
for (let round = 0; round < rounds; round++) {
  for (const name of Object.keys(cases)) {
    keep(name, JSON.parse(run(process.execPath, ["bench/dist/bench/tokens/measure.js", name])));
  }
  const theirs = askDjango();
  if (theirs) {
    keep(djangoCheck, { call: theirs.check });
    djangoVersion = theirs.version;
  }
}

const limits = [
  { what: `${verifyNode}, beside ${raw}`, ratio: besideUnit(verifyNode), least: 0.5 },
  { what: `a signed token made, less the mail rule, beside ${raw}`, ratio: makeAlone(), least: 0.5 },
  { what: `${verifyNode}, beside ${jose}`, ratio: beside(verifyNode, jose), least: 10 },
  { what: `${verifyWeb}, beside ${rawWeb}`, ratio: besideUnit(verifyWeb), least: 0.5 },
];
if (measured.has(djangoCheck)) {
  const what = `${verifyNode}, beside ${djangoCheck}`;
  limits.push({ what, ratio: beside(verifyNode, djangoCheck), least: 1 });
}

const lines = [...measured.keys()].map((name) => [
  name,
  typical(name, "cpu").toFixed(2),
  typical(name, "wall").toFixed(2),
  Math.round(1e6 / typical(name, "wall")).toLocaleString("en"),
  name === djangoCheck
    ? "another process"
    : `${besideUnit(name).toFixed(2)} of ${cases[name]!.unit === raw ? "createHmac" : "subtle.sign"}`,
]);
const verdicts = limits.map(({ what, ratio, least }) => [
  what,
  ratio.toFixed(2),
  least.toFixed(2),
  ratio >= least ? "kept" : "**missed**",
]);
const page = `# What a signed token costs

${circumstances("npm run bench:tokens", [djangoVersion])}
- ${rounds} rounds; each runs every case in a process of its own, in turn with its unit, three times 100 ms of processor time each; medians
- Load of the machine at the start: ${load}

${table(["one call of", "µs of processor", "µs", "a second", "rate"], lines)}

${table(["rate by processor time", "measured", "at least", ""], verdicts)}

A signed token's MAC is over all that the account is bound to, here 186 bytes with an argon2id hash. It is made of two
one-shot hashes (RFC 2104 written out), which is what leaves room for the rest: \`createHmac\` spends half of its time on
making an object. The look-up of the account is a promise that is there at once. The mail rule is how many mails an account
gets: a throttle, with a MAC of its own and three counters, which stand beside a mail of half a millisecond.
`;
await keepFigures("tokens", "npm run bench:tokens", {
  verify: besideUnit(verifyNode),
  make: makeAlone(),
  makeInAll: besideUnit(make),
  perSecond: { verify: 1e6 / typical(verifyNode, "wall"), make: 1e6 / typical(make, "wall") },
  besideDjango: measured.has(djangoCheck) ? beside(verifyNode, djangoCheck) : null,
} satisfies TokenFigures);
await writeEvidence("tokens", page);
console.log(page);
if (limits.some(({ ratio, least }) => ratio < least)) process.exitCode = 1;

function keep(name: string, one: Measured): void {
  measured.set(name, [...(measured.get(name) ?? []), one]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function typical(name: string, what: keyof Cost): number {
  return median(measured.get(name)!.map(({ call }) => call[what]));
}

/** How fast a case is, in parts of its unit. */
function besideUnit(name: string): number {
  return median(measured.get(name)!.map(({ unit, call }) => unit!.cpu / call.cpu));
}

/** How fast a token is made, in parts of one raw HMAC, when what the mail rule takes is taken off. */
function makeAlone(): number {
  const rules = measured.get(mailQuota)!;
  return median(
    measured.get(make)!.map(({ unit, call }, round) => unit!.cpu / (call.cpu - rules[round]!.call.cpu)),
  );
}

/** How many times as fast one is as the other. */
function beside(name: string, other: string): number {
  const others = measured.get(other)!;
  return median(measured.get(name)!.map(({ call }, round) => others[round]!.call.cpu / call.cpu));
}

function askDjango(): { readonly version: string; readonly check: Cost } | null {
  try {
    return JSON.parse(run("/usr/bin/python3", ["-W", "ignore", "bench/tokens/django_check.py", "0.3"]));
  } catch {
    return null;
  }
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
