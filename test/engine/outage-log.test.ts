import { expect, it } from "vitest";
import { createOutageLog } from "../../src/engine/outage-log.js";
import { keptLog } from "../kit.js";

function setUp() {
  const log = keptLog();
  return { outage: createOutageLog(log, { begins: "It fails", ends: "It works again" }), lines: log.lines };
}

it("an outage is logged once when it begins, with its cause, and once when it ends", () => {
  const { outage, lines } = setUp();
  for (const reason of ["refused", "timed out", "refused"]) outage.failed(reason);
  expect(lines).toEqual(["error: It fails: refused"]);
  outage.over();
  expect(lines.slice(1)).toEqual(["info: It works again, after 3 failed attempts; 0 were dropped."]);
});

it("what won't be retried is counted as dropped", () => {
  const { outage, lines } = setUp();
  outage.failed("refused", true);
  outage.failed("refused", false);
  outage.failed("refused", true);
  outage.over();
  expect(lines.at(-1)).toContain("after 3 failed attempts; 2 were dropped");
});

it("nothing is logged as long as all is well", () => {
  const { outage, lines } = setUp();
  outage.over();
  expect(lines).toEqual([]);
});

it("the next outage is counted from its own beginning", () => {
  const { outage, lines } = setUp();
  outage.failed("refused", true);
  outage.over();
  outage.over();
  expect(lines).toHaveLength(2);
  outage.failed("timed out");
  outage.over();
  expect(lines.slice(2)).toEqual([
    "error: It fails: timed out",
    "info: It works again, after 1 failed attempts; 0 were dropped.",
  ]);
});
