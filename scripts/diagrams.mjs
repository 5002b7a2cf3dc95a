/**
 * Draws how a request and a confirm are processed, as SVG in docs/images/: part of `npm run pictures`. The diagrams follow
 * the reader's light or dark mode.
 */
import { writeFileSync } from "node:fs";

const request = {
  title: "The life of a request",
  lanes: ["Client", "Handler", "Queue", "Worker", "Users and tokens", "Mail server"],
  steps: [
    [0, 1, "POST email"],
    [1, 1, "gate, rate limits"],
    [1, 2, "add, encrypted"],
    [1, 0, "200, alike for everyone"],
    [3, 2, "lease, at a fixed interval"],
    [3, 4, "find the account, compare again"],
    [4, 3, "account, or a decoy for none"],
    [3, 4, "issue a token"],
    [3, 5, "email with the link"],
    [5, 3, "accepted"],
    [3, 2, "done; after a failure: retry"],
  ],
};

const confirm = {
  title: "The life of a confirm",
  lanes: ["Client", "Handler", "Tokens", "Users", "Queue"],
  steps: [
    [0, 1, "POST token, password"],
    [1, 1, "gate, rate limits"],
    [1, 2, "verify"],
    [1, 3, "find, still eligible?"],
    [1, 1, "password rules, beforeReset"],
    [1, 2, "lease: one caller goes on"],
    [1, 1, "hash the password"],
    [1, 3, "lock, compare, set the password"],
    [1, 2, "finish, revoke the others"],
    [1, 3, "end the sessions"],
    [1, 4, "queue “password changed”"],
    [1, 0, "200"],
  ],
  /** The first and last step of the transaction. */
  together: [7, 10, "one transaction"],
};

const [column, row, top, margin] = [150, 38, 84, 20];

function draw({ title, lanes, steps, together }) {
  const width = margin * 2 + column * lanes.length;
  const height = top + row * steps.length + 24;
  const x = (lane) => margin + column * (lane + 0.5);
  const y = (step) => top + row * (step + 0.6);
  const text = (at, line, words, anchor = "middle", kind = "") =>
    `<text x="${at}" y="${line}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${words}</text>`;
  const lines = lanes.map((name, lane) => {
    const box = `<rect x="${x(lane) - 66}" y="40" width="132" height="30" rx="6"/>`;
    return `${box}${text(x(lane), 60, name, "middle", "name")}<path class="lane" d="M${x(lane)} 70V${height - 12}"/>`;
  });
  const arrows = steps.map(([from, to, words], step) => {
    const line = y(step);
    if (from === to) {
      return `<circle cx="${x(from)}" cy="${line}" r="4"/>${text(x(from) + 10, line + 4, words, "start")}`;
    }
    const end = x(to) + (to > from ? -3 : 3);
    const middle = (x(from) + x(to)) / 2;
    return `<path class="arrow" d="M${x(from)} ${line}H${end}" marker-end="url(#head)"/>${text(middle, line - 6, words)}`;
  });
  const frame = together
    ? `<rect class="frame" x="${x(1) - 14}" y="${y(together[0]) - 22}" width="${x(lanes.length - 1) - x(1) + 28}" height="${y(together[1]) - y(together[0]) + 32}" rx="8"/>${text(x(lanes.length - 1) + 20, y(together[0]) - 8, together[2], "start", "note")}`
    : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + (together ? 90 : 0)} ${height}" role="img" aria-label="${title}: ${steps.map(([, , words]) => words).join(", ")}">
<style>
text { font: 13px system-ui, sans-serif; fill: #171a26; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
.title { font-size: 16px; font-weight: 650; } .name { font-weight: 600; stroke: none; } .note { fill: #4338ca; }
rect { fill: #eeedfb; stroke: #4338ca; } .frame { fill: none; stroke-dasharray: 5 4; }
.lane { stroke: #b9bccb; stroke-dasharray: 3 4; } .arrow { stroke: #4338ca; stroke-width: 1.5; } circle, marker path { fill: #4338ca; }
@media (prefers-color-scheme: dark) {
text { fill: #eceef6; stroke: #14161f; } rect { fill: #24263a; stroke: #a5b0ff; } .frame { fill: none; } .note { fill: #a5b0ff; }
.lane { stroke: #4b4f63; } .arrow { stroke: #a5b0ff; } circle, marker path { fill: #a5b0ff; }
}
</style>
<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto"><path d="M0 0L9 4L0 8z"/></marker></defs>
${text(margin, 24, title, "start", "title")}
${frame}
${lines.join("\n")}
${arrows.join("\n")}
</svg>
`;
}

for (const [name, diagram] of Object.entries({ request, confirm })) {
  writeFileSync(new URL(`../docs/images/life-of-a-${name}.svg`, import.meta.url), draw(diagram));
  console.log(`life-of-a-${name}.svg`);
}
