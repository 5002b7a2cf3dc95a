import { readFileSync } from "node:fs";
import express from "express";
import { describe, expect, it } from "vitest";
import { resetMiddleware } from "../../src/adapters/express.js";
import { nodeListener } from "../../src/adapters/node.js";
import type { Handler } from "../../src/types.js";
import { randomNumber, randomString } from "../../src/tokens/generators.js";
import { byFetch, byPlain, serve, type Answer, type Drive } from "./drive.js";
import { seedHost, type Control, type SeedHost } from "./seed-host.js";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly setup: {
    readonly profile: string;
    readonly fresh_users: boolean;
    readonly control: readonly Control[];
  };
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: Answer;
  readonly facts: {
    readonly mail_to: readonly string[];
    readonly password_changed_for: readonly string[];
    readonly password_check?: { readonly user: string; readonly password: string };
    readonly generated_keys_match?: { readonly digits: boolean };
  };
}

const recording = new URL("../vectors/wire-sample.json", import.meta.url);
const rows = (JSON.parse(readFileSync(recording, "utf8")) as { pairs: Row[] }).pairs;

/** What is compared of an answer. */
interface Seen {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly allow: string | undefined;
  readonly vary: string | undefined;
  readonly retryAfter: string | undefined;
  readonly shape: unknown;
  readonly mailTo: readonly string[];
  readonly changed: readonly string[];
}

/** Where our answer differs on purpose, and the page that says why. */
const differences: Readonly<Record<string, { readonly ours: Partial<Seen>; readonly decision: string }>> = {
  "drp-021": {
    ours: { mailTo: ["twin@example.org", "twin@example.org"] },
    decision: "012-every-account-gets-its-mail",
  },
  "drp-067": {
    ours: {
      shape: {
        name: "string",
        description: "string",
        renders: Array(2).fill("string"),
        parses: Array(3).fill("string"),
      },
    },
    decision: "011-options-names-no-fields",
  },
  "drp-068": {
    ours: {
      status: 200,
      contentType: "application/json",
      allow: "POST, OPTIONS",
      vary: "Accept",
      shape: { status: "string" },
      mailTo: ["alice@example.org"],
    },
    decision: "010-no-redirect-to-a-slash",
  },
  "drp-138": {
    ours: { status: 404, shape: { detail: "string" }, changed: [] },
    decision: "013-a-token-dies-with-the-state",
  },
};

/** Passwords that are stored otherwise than the recording says, and the page that says why. */
const storedPasswords: Readonly<Record<string, { readonly ours: string; readonly decision: string }>> = {
  "drp-125": { ours: "  Correct-horse-9  ", decision: "014-passwords-are-not-trimmed" },
};

function hostFor(profile: string): SeedHost {
  switch (profile) {
    case "base":
      return seedHost();
    case "default-throttle":
      return seedHost({ throttles: undefined });
    case "leak":
      return seedHost({ revealUnknown: true });
    case "ip":
      return seedHost(
        {},
        {
          ipHeader: "X-Forwarded-For",
          userAgentHeader: "X-Device",
          trustProxy: ["127.0.0.0/8", "192.0.2.1", "10.0.0.1"],
        },
      );
    case "string-20-30":
      return seedHost({ generator: randomString({ minLength: 20, maxLength: 30 }) });
    case "number":
      return seedHost({ generator: randomNumber({ min: 10_000, max: 99_999 }) });
    default:
      throw new Error(`the recording has a profile that this host does not know: ${profile}`);
  }
}

/** Keys, in their order, and types; of lists, each member's. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}

function seen(
  { status, headers, body }: Answer,
  mailTo: readonly string[],
  changed: readonly string[],
): Seen {
  return {
    status,
    contentType: headers["content-type"],
    allow: headers["allow"],
    vary: headers["vary"],
    retryAfter: headers["retry-after"],
    shape: body === "" ? "" : shapeOf(JSON.parse(body)),
    mailTo,
    changed,
  };
}

const expected = (row: Row): Seen => ({
  ...seen(row.response, row.facts.mail_to, row.facts.password_changed_for),
  ...differences[row.id]?.ours,
});

type Ways = Readonly<
  Record<string, (handler: Handler) => Promise<{ drive: Drive; close?(): Promise<void> }>>
>;
const ways: Ways = {
  "the plain shape": async (handler) => ({ drive: byPlain(handler) }),
  fetch: async (handler) => ({ drive: byFetch(handler) }),
  "a server of Node": (handler) => serve(nodeListener(handler)),
  "Express with both parsers": (handler) =>
    serve(
      express()
        .use(express.json({ strict: false }), express.urlencoded({ extended: true }))
        .use("/api/password_reset", resetMiddleware(handler)),
    ),
};

/** What a parser before us refuses is answered by it, and by Express. */
const parsersOwn = new Set(["drp-053"]);

describe.each(Object.keys(ways))("the recording of django-rest-passwordreset, through %s", (name) => {
  it("has 57 rows", () => {
    expect(rows).toHaveLength(57);
  });

  let host: SeedHost;
  let profile = "";

  it.each(rows.map((row) => [row.id, row.name, row] as const))("%s %s", async (id, _name, row) => {
    if (row.setup.fresh_users || profile !== row.setup.profile) {
      ({ profile } = row.setup);
      host = hostFor(profile);
      // The sample begins with the third request of this series.
      if (id === "drp-163") await sendTwice(host, row);
    }
    for (const step of row.setup.control) await host.control(step);
    const { drive, close } = await ways[name]!(host.handler);
    try {
      const answer = await drive(sentOf(row));
      if (name.startsWith("Express") && parsersOwn.has(id)) {
        expect(answer.status).toBe(400);
        return;
      }
      const { mails, changed } = await host.outcome();
      const mailTo = mails.map((mail) => mail.address);
      expect(seen(answer, mailTo, changed)).toEqual(expected(row));
      expect(JSON.stringify(seen(answer, mailTo, changed).shape)).toBe(JSON.stringify(expected(row).shape));
      expect(answer.headers).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
      const check = row.facts.password_check;
      if (check && changed.length > 0) {
        expect(host.passwordOf(check.user)).toBe(storedPasswords[id]?.ours ?? check.password);
      }
      if (profile === "string-20-30")
        expect(mails).toMatchObject([{ token: expect.stringMatching(/^[\da-f]{20,30}$/) }]);
      if (profile === "number")
        expect(mails).toMatchObject([{ token: expect.stringMatching(/^[1-9]\d{4}$/) }]);
    } finally {
      await close?.();
    }
  });

  async function sendTwice(target: SeedHost, row: Row): Promise<void> {
    const { drive, close } = await ways[name]!(target.handler);
    for (let n = 0; n < 2; n++) expect((await drive(sentOf(row))).status).toBe(200);
    await close?.();
    await target.outcome();
  }
});

function sentOf({ request }: Row) {
  const { method, path, headers, body } = request;
  return { method, path, headers, body: body ?? undefined };
}

describe("the comparison", () => {
  const row = rows.find(({ id }) => id === "drp-116")!;
  const recorded = seen(row.response, [], []);

  it.each([
    ["another status", { status: 422 }],
    [
      "another content type",
      { headers: { ...row.response.headers, "content-type": "application/json; charset=utf-8" } },
    ],
    ["another order of members", { body: '{"token":["x"],"password":["x"]}' }],
    ["one message more", { body: '{"password":["x","y"],"token":["x"]}' }],
    ["another type", { body: '{"password":"x","token":["x"]}' }],
    ["a header less", { headers: { ...row.response.headers, allow: undefined } }],
  ])("sees %s (control)", (_name, change) => {
    const other = seen({ ...row.response, ...change } as Answer, [], []);
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(recorded));
  });

  it("has a page for every difference", () => {
    for (const { decision } of [...Object.values(differences), ...Object.values(storedPasswords)]) {
      const page = new URL(`../../docs/decisions/${decision}.md`, import.meta.url);
      expect(readFileSync(page, "utf8")).toMatch(/^# \d{3} /);
    }
  });
});
