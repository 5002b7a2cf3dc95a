/** The order of the checks, and one that fails to run. */
import { expect, it, vi } from "vitest";
import { createCheck } from "../../../src/engine/check.js";
import { createHandler } from "../../../src/http/handler.js";
import { memoryStore } from "../../../src/stores/memory.js";
import { hashed, soundKit } from "./sound.js";

it("a check that fails to run is a finding that names it, and the others run", async () => {
  // Nothing that the checks read is there.
  const findings = await createCheck({} as never)({});
  const failed = /^The check of (.*) failed\. TypeError: .*\.$/;
  expect(findings.map(({ what }) => failed.exec(what)?.[1] ?? "users")).toEqual([
    "the secrets",
    "the options",
    "the link",
    "the proxy",
    "the queue",
    "users",
    "the delivery",
  ]);
  for (const { level } of findings) expect(level).toBe("error");
  expect(findings[0]!.fix).toBe("Fix what the message names, and run the check again.");
});

it("a check that fails says neither the account nor the address that was passed", async () => {
  const accounts = hashed("ada@example.com");
  accounts.users.findByIdentifier = (typed) => Promise.reject(new Error(`no ${typed}, no carol`));
  const { reset } = soundKit({}, accounts);
  const findings = [
    ...(await reset.check({ account: "bobby" })),
    ...(await reset.check({ account: "carol", mail: "bobby" })),
  ];
  expect(findings.map(({ what }) => what)).toEqual([
    "The check of the accounts failed. users.findByIdentifier failed: Error: no [hidden], no carol.",
    "The check of the accounts failed. users.findByIdentifier failed: Error: no [hidden], no [hidden].",
  ]);
  const store = { ...memoryStore(), time: () => Promise.reject(new Error("no dora, no emil")) };
  const [failed] = await soundKit({ store }).reset.check({ account: "dora", mail: "emil" });
  expect(failed!.what).toBe("The check of the store failed. Error: no [hidden], no [hidden].");
});

it("an engine without a handler has no proxy to trust, and one with a handler has", async () => {
  vi.stubEnv("RENDER", "true");
  const { reset } = soundKit();
  expect(await reset.check()).toEqual([]);
  createHandler(reset);
  expect((await reset.check()).map(({ what }) => what)).toEqual([expect.stringMatching(/^RENDER is set/)]);
  vi.unstubAllEnvs();
});
