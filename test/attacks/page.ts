import { relative } from "node:path";
import type { Attack } from "./catalogue.js";

/** What became of an attack's tests. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** The page that shows the result of each attack. */
export function pageOf(
  catalogue: readonly Attack[],
  outcomes: ReadonlyMap<string, Outcome>,
  date: string,
): string {
  const resultOf = ({ id, reason }: Attack) => {
    if (reason !== undefined) return "no test";
    const { passed = 0, failed = 0 } = outcomes.get(id) ?? {};
    if (failed > 0) return "**failed**";
    return passed > 0 ? `holds (${passed})` : "**not run**";
  };
  const rows = catalogue.map((row) => {
    const link =
      row.file && `[${row.file.slice("test/".length)}](${relative("docs/evidence", row.file)}): ${row.test}`;
    return `| ${row.id} | ${row.attack} | ${resultOf(row)} | ${link ?? row.reason} |`;
  });
  const holding = catalogue.filter((row) => resultOf(row).startsWith("holds")).length;
  return `# Attacks

Every attack of the catalogue that was tried on resetkit, with the test that tries it. Written by \`npm run evidence:attacks\`
on ${date}: ${holding} of ${catalogue.length} hold, each in as many tests as the number in brackets. A test that can fail for another
reason than the attack has a control beside it.

| Id | Attack | Result | Test, or why there's none |
| --- | --- | --- | --- |
${rows.join("\n")}

Rows that say "not run" need a database, Chromium, or the demo in processes of its own, and were left out of this run; their tests are part
of \`npm test\`.

## What is decided

- **A31, A76.** A mailbox gets at most twelve emails a day, whatever accounts are behind it ([decision 151](../decisions/151-limits-hold-for-the-whole.md)). A
  script that requests more links than that confirms none of the later ones.
- **A55.** The default of the bare library, 3 requests per IP address per day, is that of django-rest-passwordreset: an office behind
  one address can use it up. \`throttles: "fair"\`, which the README, \`init\`, and the examples use, counts by IP address and identifier.
- **A128.** An outage is a 503 with one fixed sentence. No text of an error is in it.
`;
}
