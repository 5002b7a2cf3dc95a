import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import Database from "better-sqlite3";
import { nodeListener } from "resetkit/adapters/node";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { createHandler } from "resetkit/http";
import { htmlPages } from "resetkit/pages";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { listen, slow } from "../../server/src/listen.js";
import { goodPassword, makeKit, people } from "../kit.js";

// What clients write, on a real connection to a real server, with the tables in SQLite.

const base = "/api/password_reset";
const classes = ["ada", "grace", "linus", "sso", "two", "nobody"].map((name) => `${name}@example.com`);
const accounts = people(
  "ada@example.com",
  "grace@example.com",
  "linus@example.com",
  "sso@example.com",
  "two@example.com",
  "two@example.com",
);
accounts.byId.get(3)!.active = false;
const mayReset = accounts.users.mayReset!;
accounts.users.mayReset = (user, context) => user.email !== "sso@example.com" && mayReset(user, context);

const db = new Database(":memory:");
const connection = betterSqlite3(db);
let kit: ReturnType<typeof makeKit>;
let server: Server;
let port: number;
beforeAll(async () => {
  await migrate(connection);
  kit = makeKit({ store: sqlStore(connection) }, accounts);
  const api = nodeListener(createHandler(kit.reset, { log: kit.log }));
  const pages = nodeListener(htmlPages(kit.reset, { baseUrl: "https://app.example.com", log: kit.log }));
  server = createServer((request, response) => api(request, response, () => pages(request, response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  db.close();
});

/** Writes bytes, and returns all that comes back until the server closes. */
function raw(text: string, at = port): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(at, "127.0.0.1");
    let got = "";
    socket.on("data", (data) => (got += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(got));
    // Not ended here: a client that has hung up is served no longer. The server closes.
    socket.write(text);
  });
}

/** A JSON request, answered as bytes without the date. */
async function post(
  path: string,
  body: unknown,
  more = "",
): Promise<{ status: number; all: string; body: string }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const got = await raw(
    `POST ${base}${path} HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  const all = got.replace(/^date: .*\r\n/im, "");
  return { status: Number(got.slice(9, 12)), all, body: got.split("\r\n\r\n").slice(1).join("\r\n\r\n") };
}

async function freshToken(email = "ada@example.com"): Promise<string> {
  kit.clock.now += 24 * 3_600_000;
  return (await kit.ask(email)).token;
}

describe("who has an account", () => {
  it("A01, A02: six classes of accounts get the same status line, headers, and body (CVE-2022-39307, CVE-2021-21424, CVE-2026-31901, CVE-2026-26744)", async () => {
    const answers = await Promise.all(classes.map(async (email) => (await post("/", { email })).all));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 200 /);
    // Control: an answer that differs is seen.
    expect((await post("/", { email: "no address" })).all).not.toBe(answers[0]);
    await kit.reset.drain();
  });

  it("A08: an account that isn't eligible gets no email", async () => {
    const before = kit.mails.length;
    for (const email of ["linus@example.com", "sso@example.com", "nobody@example.com"])
      await post("/", { email });
    await kit.reset.drain();
    expect(kit.mails.length).toBe(before);
  });

  it("A03: the rate limit has the same sequence of answers for each class", async () => {
    const sequences = [];
    for (const email of classes) {
      const limited = makeKit({ throttles: "fair" }, accounts);
      const handler = createHandler(limited.reset, { log: limited.log });
      const statuses = [];
      for (let n = 0; n < 8; n++) {
        const response = await handler(
          new Request(`http://a.example${base}/`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ email }),
          }),
          { ip: "192.0.2.1" },
        );
        statuses.push(response.status);
        await limited.reset.drain();
      }
      sequences.push(statuses.join());
    }
    expect(new Set(sequences)).toEqual(new Set(["200,200,200,200,200,429,429,429"]));
  });

  it("A09: a valid token's check reveals nothing but that it's valid", async () => {
    const { body } = await post("/validate_token/", { token: await freshToken() });
    expect(JSON.parse(body)).toEqual({ status: "OK" });
  });

  it("A10: a token is refused in the same bytes, whatever the reason, and before the password is judged", async () => {
    const used = await freshToken();
    await kit.reset.confirm({ token: used, password: goodPassword });
    const revoked = await freshToken();
    await kit.reset.revoke(accounts.byId.get(1)!);
    const expired = await freshToken("grace@example.com");
    kit.clock.now += 25 * 3_600_000;
    const reasons = [
      used,
      revoked,
      expired,
      "x".repeat(43),
      "x",
      "ä",
      "..",
      "%00",
      "1".repeat(200),
      `${used}=`,
    ];
    const answers = [];
    for (const token of reasons) {
      for (const password of [goodPassword, "1"])
        answers.push((await post("/confirm/", { token, password })).all);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("A12: a database that fails for one account alone changes no answer", async () => {
    const find = accounts.users.findByIdentifier;
    accounts.users.findByIdentifier = (typed, context) => {
      if (typed === "grace@example.com")
        throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
      return find(typed, context);
    };
    const [known, unknown] = [
      await post("/", { email: "grace@example.com" }),
      await post("/", { email: "x@example.com" }),
    ];
    accounts.users.findByIdentifier = find;
    expect(known.all).toBe(unknown.all);
    expect(known.status).toBe(200);
  });
});

describe("fields", () => {
  const wrong = [
    null,
    [],
    {},
    ["ada@example.com"],
    { $ne: null },
    { $regex: "^a" },
    { $gt: "" },
    [null],
    [[]],
    1e3 + 0.5,
  ];

  it("A26, A27, A29, A65: what isn't text is a 400 at its field, and reaches neither accounts nor tables", async () => {
    const before = { ...accounts.calls };
    for (const value of wrong) {
      expect((await post("/", { email: value })).status, JSON.stringify(value)).toBe(400);
      for (const path of ["/validate_token/", "/confirm/"]) {
        expect((await post(path, { token: value, password: goodPassword })).status).toBe(400);
      }
    }
    expect((await post("/", { "email[$ne]": "x" })).status).toBe(400);
    expect(accounts.calls).toEqual(before);
  });

  it("A26: an identifier that isn't text is a 400 even with a link token, which needs none", async () => {
    const token = await freshToken();
    for (const email of [true, false, 0, -1, 5, ...wrong.filter((value) => value !== null)]) {
      for (const path of ["/validate_token/", "/confirm/"]) {
        const { status } = await post(path, { token, email, password: goodPassword });
        expect(status, `${path} ${JSON.stringify(email)}`).toBe(400);
      }
    }
    for (const email of ["not an address", "", null]) {
      expect((await post("/validate_token/", { token, email })).status).toBe(200);
    }
  });

  it("A25: an empty or missing token is a 400, and matches no row", async () => {
    for (const body of [{}, { token: "" }, { token: null }, { token: " " }, { token: "\t" }]) {
      const { status } = await post("/confirm/", { ...body, password: goodPassword });
      expect([400, 404], JSON.stringify(body)).toContain(status);
    }
    expect((await post("/confirm/", { password: goodPassword })).status).toBe(400);
  });

  it("A28, A71: quotes, comments, and NUL harm no table, and are no 5xx", async () => {
    const tables = () =>
      db.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all();
    const before = tables();
    const token = await freshToken();
    for (const text of [
      "'",
      '"',
      "' or 1=1 --",
      "'; drop table resetkit_tokens; --",
      "\u0000",
      "a\u0000b",
      "%",
      "_",
      "\\",
      "`",
      "$1",
      "?",
      "\u{1F600}'",
    ]) {
      for (const [path, body] of [
        ["/", { email: text }],
        ["/", { email: `${text}@example.com` }],
        ["/validate_token/", { token: text }],
        ["/confirm/", { token: `${token.slice(0, 20)}${text}`, password: goodPassword, email: text }],
      ] as const) {
        const { status } = await post(path, body, "User-Agent: ' or 1=1 --\r\nX-Forwarded-For: '--\r\n");
        expect([200, 400, 404], `${path} ${JSON.stringify(body)}: ${status}`).toContain(status);
      }
    }
    expect(tables()).toEqual(before);
    expect((await post("/validate_token/", { token })).status).toBe(200);
  });

  it("A66: a field that is given twice brings one email at most, to a stored address", async () => {
    const before = kit.mails.length;
    kit.clock.now += 24 * 3_600_000;
    await post("/", '{"email":"grace@example.com","email":"mallory@evil.example"}');
    await post("/?email=mallory@evil.example", { email: "grace@example.com" });
    await kit.reset.drain();
    const sent = kit.mails.slice(before);
    expect(sent.length).toBeLessThanOrEqual(2);
    for (const { address } of sent) expect(address).toBe("grace@example.com");
  });

  it("A68: line breaks and invisible characters in an email address are a 400", async () => {
    for (const text of [
      "\r\n",
      "\n",
      "\r",
      "\u2028",
      "\u0085",
      "\u200b",
      "\u00ad",
      "\t",
      "%0a,",
      ",b@x.example,",
    ]) {
      expect((await post("/", { email: `ada${text}@example.com` })).status, JSON.stringify(text)).toBe(400);
    }
  });

  it("A78, A79: pollution and deep or large JSON are refused or ignored, and Object.prototype stays clean", async () => {
    for (const body of [
      '{"__proto__":{"email":"ada@example.com"}}',
      '{"constructor":{"prototype":{"email":"ada@example.com"}}}',
      `{"email":${"[".repeat(3_000)}${"]".repeat(3_000)}}`,
      `{"email":${"9".repeat(5_000)}}`,
      "[".repeat(8_000),
    ]) {
      expect((await post("/", body)).status).toBe(400);
    }
    expect((await post("/", `{"email":"${"x".repeat(100_000)}"}`)).status).toBe(413);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("A84, A87: a password of a megabyte or with half a character is refused, and never hashed", async () => {
    const token = await freshToken();
    const before = accounts.calls.setPassword;
    expect((await post("/confirm/", { token, password: "x".repeat(1_000_000) })).status).toBe(413);
    expect((await post("/confirm/", { token, password: "x".repeat(2_000) })).status).toBe(400);
    expect((await post("/confirm/", `{"token":"${token}","password":"thunder quay \\ud800"}`)).status).toBe(
      400,
    );
    expect(accounts.calls.setPassword).toBe(before);
    // Control: a long pass phrase is taken.
    expect(
      (await post("/confirm/", { token, password: "thunder marmalade quay ".repeat(8).trim() })).status,
    ).toBe(200);
  });

  it("X09: a scope of 300 bytes is refused at once", async () => {
    await expect(
      kit.reset.request({ identifier: "ada@example.com" }, { scope: "x".repeat(300) }),
    ).rejects.toThrow();
  });
});

describe("the connection", () => {
  it("A53: other methods, overrides, and other spellings of the paths do nothing (GHSA-x732-6j76-qmhm)", async () => {
    const token = await freshToken();
    const body = JSON.stringify({ token, password: goodPassword });
    const head = `Host: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    for (const line of [
      `GET ${base}/confirm/`,
      `PUT ${base}/confirm/`,
      `DELETE ${base}/confirm/`,
      `PATCH ${base}/confirm/`,
      `POST ${base}/Confirm/`,
      `POST ${base}//confirm/`,
      `POST /${base}/confirm/`,
      `POST ${base}/confirm%2f`,
      `POST ${base}/./confirm/`,
      `GET ${base}/confirm/?_method=POST`,
    ]) {
      const status = Number(
        (await raw(`${line} HTTP/1.1\r\nX-HTTP-Method-Override: POST\r\n${head}`)).slice(9, 12),
      );
      expect([400, 404, 405], `${line}: ${status}`).toContain(status);
    }
    expect((await post("/validate_token/", { token })).status).toBe(200);
  });

  it("A133: two lengths, a length and chunks, and folded headers are refused", async () => {
    const inner = `0\r\n\r\nGET ${base}/docs HTTP/1.1\r\nHost: a\r\n\r\n`;
    const start = `POST ${base}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    for (const rest of [
      `Content-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n${inner}`,
      `Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n${inner}`,
      "Content-Length: 3\r\nContent-Length: 30\r\n\r\n{} ",
      "Content-Length : 2\r\n\r\n{}",
      "Content-Length: +2\r\n\r\n{}",
      "X-A: b\r\n c\x00d\r\nContent-Length: 2\r\n\r\n{}",
    ]) {
      const answers = (await raw(start + rest)).match(/HTTP\/1\.1 \d{3}/g) ?? [];
      expect(answers.length, JSON.stringify(rest)).toBeLessThanOrEqual(1);
      if (answers[0]) expect(answers[0]).toBe("HTTP/1.1 400");
    }
  });

  it("A64: headers that trickle in end the connection at the server's limit, which is ten seconds", async () => {
    expect(slow).toMatchObject({ headersTimeout: 10_000 });
    const door = await listen(0, "127.0.0.1", "PORT", {
      headersTimeout: 200,
      connectionsCheckingInterval: 50,
    });
    door.open((_, response) => void response.end());
    const socket = connect(door.port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    let got = "";
    socket.on("data", (data) => (got += data.toString())).on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n");
    const timer = setInterval(() => socket.write("X"), 50);
    await closed;
    clearInterval(timer);
    expect(got).toMatch(/^HTTP\/1\.1 408/);
    // Control: whole headers are answered.
    expect(await raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", door.port)).toMatch(
      /^HTTP\/1\.1 200/,
    );
    await door.close();
  });

  it("A126: line breaks and escapes in what clients send make no second line in the log", async () => {
    const { users } = people("ada@example.com");
    users.findByIdentifier = () => {
      throw new Error('no rows for\r\n{"level":"error"}\u001b[31m');
    };
    const { reset, log } = makeKit({ users });
    await reset.request({ identifier: "ada@example.com" }, { userAgent: "a\u001b[2Jb\r\nc" });
    await reset.drain();
    const { lines } = log;
    expect(lines.join()).toContain("no rows for");
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });
});
