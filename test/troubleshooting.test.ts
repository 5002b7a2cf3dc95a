import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { byEmail } from "../src/delivery/email.js";
import { createHandler } from "../src/http/handler.js";
import { htmlPages } from "../src/pages/pages.js";
import { memoryStore } from "../src/stores/memory.js";
import { signedTokens } from "../src/tokens/signed.js";
import { goodPassword, keptLog, makeKit, people, type Kit } from "./kit.js";

const text = readFileSync(new URL("../docs/troubleshooting.md", import.meta.url), "utf8");
/** What the page says of the log, a row after the other. */
const rows = [...text.matchAll(/^\| +`([^|]+)` +\|/gm)].map(([, line]) => line!);

type Accounts = ReturnType<typeof people>;
type Options = Parameters<typeof makeKit>[0];

/** Requests an email and lets the worker work, on accounts that were changed. */
async function requested(identifier: string, change: (accounts: Accounts) => Options | void, times = 1) {
  const accounts = people("ada@example.com");
  const kit = makeKit(change(accounts) ?? {}, accounts);
  for (let n = 0; n < times; n++) await kit.reset.request({ identifier });
  await kit.reset.drain();
  return kit;
}

const failing = (error: Error) => () => Promise.reject(error);

/** In the order of the page's rows: how each line comes to be. */
const situations: readonly (() => Promise<Pick<Kit, "log">>)[] = [
  () => requested("alan@example.com", () => undefined),
  () => requested("ada", ({ users, byId }) => void (users.findByIdentifier = () => [...byId.values()])),
  () => requested("ada@example.com", ({ users }) => void (users.mayReset = () => false)),
  async () => {
    const kit = await requested("ada@example.com", () => undefined);
    for (let n = 0; n < 3; n++) {
      await kit.reset.request({ identifier: "ada@example.com" });
      await kit.reset.drain();
    }
    return kit;
  },
  () =>
    requested("ada@example.com", ({ users }) => {
      users.addressOf = () => "a..da@example.com";
      return { deliver: byEmail({ transport: { sendMail: () => null }, from: "no-reply@example.com" }) };
    }),
  () => requested("ada@example.com", () => ({ deliver: failing(new Error("550 no")) })),
  () =>
    requested("ada@example.com", ({ users }) => void (users.findByIdentifier = failing(new Error("down")))),
  async () => {
    const kit = makeKit({ worker: "outside" });
    for (let n = 0; n < 2; n++, kit.clock.now += 120_000)
      await kit.reset.request({ identifier: "ada@example.com" });
    await vi.waitFor(() => expect(kit.log.lines.join()).toContain("no worker"));
    return kit;
  },
  async () => {
    vi.stubEnv("VERCEL", "1");
    return makeKit({ worker: "inside" });
  },
  async () => {
    const log = keptLog();
    const headers = { "content-type": "application/json", "x-forwarded-for": "192.0.2.1" };
    const body = '{"email":"ada@example.com"}';
    await createHandler(makeKit().reset, { log })(
      new Request("https://example.com/api/password_reset/", { method: "POST", headers, body }),
    );
    return { log };
  },
  async () => {
    const store = memoryStore();
    const kit = makeKit({ store });
    const ahead = makeKit({ store, clock: () => kit.clock.now + 600_000 });
    await ahead.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    return kit;
  },
  async () => {
    const log = keptLog();
    const { reset } = makeKit({ url: "https://app.example.com/elsewhere/{token}" });
    htmlPages(reset, { baseUrl: "https://app.example.com", log });
    return { log };
  },
  () =>
    requested("ada@example.com", ({ users, byId }) => {
      users.findById = (id) => ({ ...byId.get(id)!, active: 1 as unknown as boolean });
      users.mayReset = () => true;
    }),
  async () => {
    const kit = await requested("ada@example.com", ({ users }) => void (users.setPassword = () => false));
    const [mail] = kit.mails as { token: string }[];
    const body = JSON.stringify({ token: mail!.token, password: goodPassword });
    const headers = { "content-type": "application/json" };
    await createHandler(kit.reset, { log: kit.log })(
      new Request("https://example.com/api/password_reset/confirm/", { method: "POST", headers, body }),
    );
    return kit;
  },
  async () => {
    const kit = makeKit({ tokens: signedTokens({ ids: "integer" }) });
    const { token } = await kit.ask("ada@example.com");
    kit.clock.now -= 600_000;
    await kit.reset.validate({ token });
    return kit;
  },
  () =>
    requested(
      "ada@example.com",
      ({ users }) => void (users.stateOf = (user) => [user.passwordHash, undefined]),
    ),
];

afterEach(() => vi.unstubAllEnvs());

describe("the page on troubleshooting", () => {
  it("has a row for each situation", () => expect(rows).toHaveLength(situations.length));

  it.each(rows.map((row, index) => [row, index] as const))("is true of the log: %s", async (row, index) => {
    const { log } = await situations[index]!();
    const parts = row.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    expect(log.lines.join("\n")).toMatch(new RegExp(parts.join("[^\\n]*")));
  });
});
