import { circumstances, table } from "../evidence.js";
import { classes, kinds } from "./classes.js";
import type { Guess } from "./guesses/measure.js";
import type { Finding } from "./in-process.js";
import type { OwnMail } from "./own-mail/measure.js";
import {
  bandOf,
  isMet,
  isOfOneMail,
  isSeen,
  type Pair,
  reachOf,
  type Result,
  type Side,
  worstOf,
} from "./judge.js";
import type { Comparison } from "./statistics.js";
import type { Work } from "./work.js";

/** All that was measured so far, by the name of its part. */
export interface Kept {
  readonly runs: Readonly<Record<string, Result>>;
  readonly work: Readonly<Record<string, readonly Work[]>>;
  readonly inProcess?: {
    readonly date: string;
    readonly rounds: number;
    readonly findings: readonly Finding[];
  };
  readonly ownMail?: Readonly<Record<string, OwnMail>>;
  readonly guesses?: Readonly<Record<string, readonly Guess[]>>;
}

export function page({ runs, work, inProcess, ownMail, guesses }: Kept): string {
  const all = Object.entries(runs);
  const straight = all.filter(([, { probe }]) => probe !== "watch");
  const watched = all.filter(([, { probe }]) => probe === "watch");
  const servers = [...new Set(all.map(([, { database, version }]) => `${database}: ${version}`))];
  return `# Timing: whether anybody can tell who has an account

${circumstances("npm run bench:timing", servers)}
- Each part has its own date below: \`npm run bench:timing 20000 sqlite-inside\` measures one anew, and \`+5000\` adds
  so many rounds to it, with a new server and a new database. All intervals of all pairs are in \`timing.json\`.

Two processes: a server (\`node:http\`, \`resetkit/adapters/node\`, throttles off, mails built by \`byEmail\` with nodemailer and accepted at once) and
a client with two raw connections that stay open. On the first it asks for a reset; on the second it asks for the cheapest page of the same server
(\`/hello\`) as soon as the answer is there. Times are from writing a request to the last byte of its answer.

${table(
  [
    "part",
    "rounds",
    "goal",
    "response: reaches farthest",
    "next request: reaches farthest",
    "intervals without 0.5",
    "controls",
    "verdict",
  ],
  straight.map(summaryOf),
)}

${straight.map(([name, result]) => detailOf(name, result)).join("\n\n")}

## How to read it

- **AUC** is the chance that of two requests, one of each class, the second's took longer (Mann-Whitney's U / n²; ties count by half). 0.5 is a coin; at 0.52
  somebody who sees one of each says 52 times of 100 which is which. Ranks are used, and no means: a few answers that took 100 ms would own any mean.
- **The interval** is at 99 %. Its variance is DeLong's, of placements added up by round and averaged over √n blocks of neighbouring rounds: both times of a round
  share its noise, and noise lasts for longer than one round. \`test/bench/statistics.test.ts\` shows that it covers what it should, and that DeLong's own does not.
- **The shift** is the median of all n² differences (Hodges-Lehmann), in microseconds.
- **The pairing.** A round sends one request of each of the six classes and of the three controls, in random order, each followed by its probe. So all 15 pairs are compared
  at the same time on the same machine, 20,000 rounds are 20,000 pairs for each of them, and the control is not of another hour than what it controls.
  A part with fewer rounds has wider intervals, so its goal is the harder one to meet.
- **The goal** is on the whole interval, not on whether it excludes 0.5: with enough rounds any difference excludes it. Within [0.48, 0.52] with the worker outside, and within
  [0.45, 0.55] with it inside. A band alone would be a weak claim where there is much noise: the wait of
  50 µs lies within 0.5 ± 0.05 on PostgreSQL with the worker inside. So the table also counts the intervals that exclude 0.5, as the wait's does in every part. Of 30
  intervals at 99 % one does so by chance in one part of four.
- **Every address is fresh** and all are equally long, of one series of numbers: no cache, cap or coalescing knows them. Nobody has asked for the accounts that are over the cap;
  their three live tokens were put into the table.
- **Controls.** \`again\` is known once more, and must not differ. \`planted\` is known, and the server waits ${straight[0]?.[1].planted ?? 50} µs before it answers and before it answers whatever
  comes next; both must be seen. \`late\` is known, and the server works for ${straight[0]?.[1].late ?? 300} µs after its answer, as it does where a mail is built "in the background": that must
  be seen on the next request. A part whose controls do not behave is **void**.
- **The worker's tick** is ${straight[0]?.[1].tick ?? 10} ms here, and 250 ms by default. With the default, 10 mails a tick, one part would take 75 minutes; and a shorter tick is the harder test, since the work comes closer behind
  the request that it belongs to. The client begins a round every ${[...new Set(straight.map(([, { pace }]) => pace))].join(" or ")} ms at the earliest, so that the worker keeps up, and waits where more than ten rounds are queued.
- **Why \`/hello\`.** A wait of 50 µs has an AUC of 0.82 on it and 0.65 on \`validate_token\` with a junk token, which asks the database and so is noisier (1,500 rounds, SQLite).
${workOf(work)}${watchedOf(watched)}${insideOf(inProcess)}${ownMailOf(Object.values(ownMail ?? {}))}${guessesOf(Object.values(guesses ?? {}).flat())}
## What this does not show

- **Attackers on a network.** Loopback is the best that an attacker can have; what is not seen here is harder to see from afar. That is no proof for other machines.
- **HTTP/2**, where the order of two answers on one connection shows what no clock does, and which needs no quiet network. Only HTTP/1.1 was measured.
- **Work of yours.** \`findByIdentifier\` here is one indexed select. One that does more for known accounts shows with the worker inside.
- **A transport with a network in it.** The mail was built in full and accepted at once. Sending it is work of the worker alone: with the worker outside it is not in the answering process.
- Other stores, other drivers, other kinds of tokens, several servers.
`;
}

function summaryOf([name, result]: readonly [string, Result]): string[] {
  const band = bandOf(result.worker);
  const side = (one: Side) => {
    const worst = worstOf(one.pairs);
    return `${worst.a} / ${worst.b}: ${areaOf(worst)}`;
  };
  const pairs = [...result.response.pairs, ...result.next.pairs];
  const isVoid = result.void.length > 0;
  return [
    name,
    result.rounds.toLocaleString("en"),
    `[${(0.5 - band).toFixed(2)}, ${(0.5 + band).toFixed(2)}]`,
    side(result.response),
    side(result.next),
    `${pairs.filter(isSeen).length} of ${pairs.length}`,
    isVoid ? result.void.join("; ") : "as they should",
    isVoid ? "**void**" : isMet(result) ? "met" : "**missed**",
  ];
}

function detailOf(name: string, result: Result): string {
  const { version, worker, rounds, warmUp, seconds, date, load, response, next } = result;
  const rate = Math.round((rounds * kinds.length) / seconds);
  const cell = (a: number, b: number) => {
    if (a === b) return "–";
    const side = a < b ? response : next;
    const [from, to] = [classes[Math.min(a, b)], classes[Math.max(a, b)]];
    return areaOf(side.pairs.find((pair) => pair.a === from && pair.b === to)!);
  };
  const farthest = ({ pairs }: Side) =>
    Math.max(...pairs.flatMap(({ shiftLow, shiftHigh }) => [-shiftLow, shiftHigh])).toFixed(1);
  return `## ${name}

${version}, worker ${worker}, ${date} UTC: ${rounds.toLocaleString("en")} rounds after ${warmUp} to warm up, in ${seconds.toFixed(0)} s: ${rate} requests a second, each with its probe; load average at the end ${load.toFixed(1)}.
AUC with its interval: above the diagonal of the response, below it of the next request. Above 0.5 the class that stands later in the list took longer.
No interval of a shift reaches farther than ${farthest(response)} µs on the response, and ${farthest(next)} µs on the next request.

${table(
  ["class", ...classes],
  classes.map((kind, row) => [`**${kind}**`, ...classes.map((_, column) => cell(row, column))]),
)}

${table(
  ["known against", "response", "shift, µs", "next request", "shift, µs"],
  response.controls.map((control, index) => {
    const other = next.controls[index]!;
    return [control.b, areaOf(control), shiftOf(control), areaOf(other), shiftOf(other)];
  }),
)}

Medians, µs: ${classes.map((kind) => `${kind} ${response.medians[kind].toFixed(0)} / ${next.medians[kind].toFixed(0)}`).join(", ")}.`;
}

function workOf(work: Kept["work"]): string {
  const lines = Object.values(work).flat();
  if (lines.length === 0) return "";
  return `
## What the tick hides

The worker's work for one request of each class, alone in a process, without any tick: microseconds, compared with \`known\`.

${table(
  ["database", "class", "median", "AUC", "shift, µs"],
  lines.map((one) => [one.database, one.kind, one.median.toFixed(0), areaOf(one), shiftOf(one)]),
)}

An account that cannot be reset costs what a known one costs, because a stand-in gets a row and a mail of which nothing stays. One that is over its cap does
too, and one look at its rows more (decision 080). Several accounts behind one address are several mails, and nothing but the tick, or a worker outside, hides that.
`;
}

function watchedOf(watched: readonly (readonly [string, Result])[]): string {
  if (watched.length === 0) return "";
  return `
## Watched through the tick

The hardest case: the worker inside, a server that does nothing else, and a client that asks for \`/hello\` without a pause from the answer on until the tick and the work
are over, so the work for the request itself is felt, and no other. Two things are taken of each request: the **longest** of these answers, which is the longest stretch for which
the process is not to be had, and what **all** of them took beyond the usual, which is all of the work. With a worker outside none of it is in the process that answers.

The goal is on the longest, [0.45, 0.55] as above, for all pairs of classes that get one mail; \`planted\` (${watched[0]![1].planted} µs more when it is taken off the queue) must be seen on it. There is none on all of the work; there \`late\` must be seen.
What several accounts behind one address cost is several mails, and what an account over its cap costs is one look at its rows more: whoever adds up all that he waited sees the
first in two cases of three, and of the second what the table says. Before decision 102 the longest told a known account from an unknown one with an AUC of 0.665 (0.635 to 0.694)
on SQLite, and from one over its cap with 0.765 (0.729 to 0.802), in 800 rounds.

${table(
  ["part", "rounds", "controls", "farthest of the longest, but for several accounts", "verdict"],
  watched.map(([name, result]) => {
    const worst = worstOf(result.next.pairs.filter(isOfOneMail));
    const isVoid = result.void.length > 0;
    return [
      name,
      result.rounds.toLocaleString("en"),
      isVoid ? result.void.join("; ") : "as they should",
      `${worst.a} / ${worst.b}: ${areaOf(worst)}`,
      isVoid ? "**void**" : isMet(result) ? "met" : "**missed**",
    ];
  }),
)}

${table(
  ["part", "known against", "the longest", "shift, µs", "all", "shift, µs"],
  watched.flatMap(([name, { next, held }]) => {
    const ofKnown = (side: Side) => [...side.pairs.filter(({ a }) => a === "known"), ...side.controls];
    return ofKnown(next).map((pair, index) => {
      const all = ofKnown(held!)[index]!;
      return [name, pair.b, areaOf(pair), shiftOf(pair), areaOf(all), shiftOf(all)];
    });
  }),
)}
`;
}

function insideOf(inProcess: Kept["inProcess"]): string {
  if (!inProcess) return "";
  const { date, rounds, findings } = inProcess;
  const all = [...new Set(findings.map(({ series }) => series))];
  return `
## In the process

Checks of secrets, called directly, ${date} UTC: ${rounds.toLocaleString("en")} rounds of all inputs in random order, new inputs in each round; through \`reset.validate\`, on SQLite in memory.

${table(
  ["what", "compared", "AUC (the farthest)", "shift, ns", "one call, ns", "as it should"],
  all.map((series) => {
    const found = findings.filter((finding) => finding.series === series);
    const worst = found.reduce((a, b) => (reachOf(b) > reachOf(a) ? b : a));
    const others = found.length > 1 ? `, and ${found.length - 1} more` : "";
    return [
      series,
      `${worst.first} / ${worst.input}${others}`,
      areaOf(worst),
      shiftOf(worst, 2),
      worst.nanos.toFixed(0),
      isAsExpected(worst) ? "yes" : "**no**",
    ];
  }),
)}

What is no secret: the answer itself says whether a stored token is good, and a token's row is found by whoever has the token. How long a forged signed token is looked at
tells whether its number is somebody's id, which is not an address; the application's own \`findById\` tells that louder.
`;
}

function ownMailOf(all: readonly OwnMail[]): string {
  if (all.length === 0) return "";
  return `
## The attacker's own email

Someone requests a reset for an address, and then one for an address of their own, and waits for their own email. \`concurrency: 1\`: the worker delivers
one email at a time, so that what the first request takes is in the way of the second, which is the hardest case. Times are from the second request to
the transport; the goal is as above. \`planted\` is known, and its lookup takes as long as half a delivery (4 ms where the transport is instant).

${table(
  [
    "database",
    "worker",
    "transport",
    "date, UTC",
    "rounds",
    "known, ms",
    "known / unknown",
    "shift, ms",
    "again",
    "planted",
    "verdict",
  ],
  all.map((one) => [
    ...[one.database, one.worker, one.transport === 0 ? "instant" : `${one.transport / 1_000} s`],
    ...[one.date, one.rounds.toLocaleString("en"), one.medians.known.toFixed(1)],
    ...[
      areaOf(one.pairs.unknown),
      shiftOf(one.pairs.unknown),
      areaOf(one.pairs.again),
      areaOf(one.pairs.planted),
    ],
    verdictOf(one),
  ]),
)}
`;
}

function guessesOf(all: readonly Guess[]): string {
  if (all.length === 0) return "";
  return `
## Guesses at codes and signed tokens

Over HTTP, with a \`mayReset\` of 1 ms: wrong codes beside an address with an account and one without, and signed tokens forged for an id with an account
and one without. \`planted\` is known, and the server works for the millisecond before it looks at the proof, as it would if \`mayReset\` were asked first.

${table(
  [
    "database",
    "guess",
    "date, UTC",
    "rounds",
    "known, µs",
    "known / unknown",
    "shift, µs",
    "again",
    "planted",
    "verdict",
  ],
  all.map((one) => [
    ...[one.database, one.what, one.date, one.rounds.toLocaleString("en"), one.median.toFixed(0)],
    ...[areaOf(one.unknown), shiftOf(one.unknown), areaOf(one.again), areaOf(one.planted), verdictOf(one)],
  ]),
)}
`;
}

function verdictOf({ void: causes, isMet: met }: { void: readonly string[]; isMet: boolean }): string {
  return causes.length > 0 ? `**void**: ${causes.join("; ")}` : met ? "met" : "**missed**";
}

export function isAsExpected(finding: Finding): boolean {
  return finding.expected === "same" ? reachOf(finding) <= bandOf("outside") : isSeen(finding);
}

function areaOf({ auc, low, high }: Comparison): string {
  return `${auc.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function shiftOf({ shift, shiftLow, shiftHigh }: Comparison | Pair, digits = 1): string {
  return `${shift.toFixed(digits)} (${shiftLow.toFixed(digits)} to ${shiftHigh.toFixed(digits)})`;
}
