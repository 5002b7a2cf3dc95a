import Sqlite from "better-sqlite3";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { byEmail } from "../src/delivery/email.js";
import { createHandler, type HandlerOptions } from "../src/http/handler.js";
import { htmlPages } from "../src/pages/pages.js";
import { memoryStore } from "../src/stores/memory.js";
import { signedTokens } from "../src/tokens/signed.js";
import { betterSqlite3 } from "../src/connections/better-sqlite3.js";
import { sqlStore } from "../src/stores/sql.js";
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

/** Calls an endpoint of the API. */
async function posted(kit: Kit, path: string, fields: object, options: HandlerOptions = {}): Promise<void> {
  const headers = { "content-type": "application/json" };
  const sent = { method: "POST", headers, body: JSON.stringify(fields) };
  const handler = createHandler(kit.reset, { log: kit.log, ...options });
  await handler(new Request(`https://example.com/api/password_reset/${path}`, sent));
}

/** Goes on to the new password, on accounts that were changed. */
async function confirmed(change: (accounts: Accounts) => Options | void): Promise<Kit> {
  const kit = await requested("ada@example.com", change);
  const [mail] = kit.mails as { token: string }[];
  await posted(kit, "confirm/", { token: mail!.token, password: goodPassword });
  return kit;
}

/** A worker with other secrets than those that a request was queued with. */
async function withSecrets(secret: readonly string[]): Promise<Kit> {
  const store = memoryStore();
  await makeKit({ store }).reset.request({ identifier: "ada@example.com" });
  const kit = makeKit({ store, secret });
  kit.clock.now += 120_000;
  await kit.reset.drain();
  return kit;
}

/** Runs a worker until it has logged that something isn't ready. */
async function foundUnready(kit: Kit): Promise<Kit> {
  const end = new AbortController();
  const working = kit.reset.work({ signal: end.signal });
  await vi.waitFor(() => expect(kit.log.lines.join()).toContain("isn't ready"));
  end.abort();
  await working;
  return kit;
}

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
  async () => {
    const accounts = people("ada@example.com");
    accounts.users.check = failing(new Error("no such column"));
    return foundUnready(makeKit({ worker: "inside" }, accounts));
  },
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
    const kit = makeKit({ worker: "waitUntil" });
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.close();
    return kit;
  },
  () => withSecrets(["another secret of the tests: 0123456789"]),
  () => requested("ada@example.com", ({ users }) => void (users.findById = () => null)),
  async () => {
    const kit = makeKit();
    await kit.reset.request({ identifier: "ada@example.com" });
    kit.clock.now += 5 * 3_600_000;
    await kit.reset.clearExpired();
    return kit;
  },
  () => {
    const store = sqlStore(betterSqlite3(new Sqlite(":memory:")));
    return foundUnready(makeKit({ store, worker: "inside" }));
  },
  async () => {
    const store = memoryStore();
    const kit = makeKit({ store: { ...store, queue: { ...store.queue!, add: failing(new Error("down")) } } });
    await kit.reset.request({ identifier: "ada@example.com" }).catch(() => undefined);
    return kit;
  },
  async () => {
    const kit = makeKit();
    await posted(kit, "", { email: "ada@example.com" }, { gate: failing(new Error("no answer")) });
    return kit;
  },
  async () => {
    const kit = makeKit({ throttles: "fair" });
    await kit.reset.request({ identifier: "ada@example.com" });
    return kit;
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
    htmlPages(reset, { baseUrl: "https://app.example.com", choose: "/reset-password", log });
    return { log };
  },
  () =>
    requested("ada@example.com", ({ users, byId }) => {
      users.findById = (id) => ({ ...byId.get(id)!, active: 1 as unknown as boolean });
      users.mayReset = () => true;
    }),
  () => confirmed(({ users }) => void (users.setPassword = () => true)),
  () => confirmed(({ users }) => void (users.setPassword = () => undefined as never)),
  () => confirmed(({ users }) => void (users.hashPassword = failing(new Error("no memory")))),
  () => confirmed(({ users }) => void (users.revokeSessions = failing(new Error("down")))),
  () =>
    confirmed(({ users, byId }) => {
      const store = memoryStore();
      const queue = { ...store.queue! };
      users.lock = (id) => ({ ...byId.get(id as number)! });
      users.setPassword = () => {
        queue.add = failing(new Error("down"));
        return Promise.reject(new DOMException("It took too long.", "TimeoutError"));
      };
      return { store: { ...store, queue } };
    }),
  async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    const identifierOf = () => {
      throw new TypeError("Cannot read properties of undefined");
    };
    const pages = htmlPages(kit.reset, { identifierOf, log: kit.log });
    const moved = await pages(new Request(`https://example.com/reset-password/${token}`));
    const cookie = moved.headers.getSetCookie()[0]!.split(";")[0]!;
    await pages(new Request("https://example.com/reset-password", { headers: { cookie } }));
    return kit;
  },
  () => confirmed(({ users }) => void (users.setPassword = () => false)),
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
