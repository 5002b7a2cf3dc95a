import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createHandler } from "../../src/http/handler.js";
import { goodPassword, makeKit, people } from "../kit.js";
import { byFetch, byPlain, type Drive, type Sent } from "./drive.js";

const base = "/api/password_reset";
const jsonType = "application/json";
const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data; boundary=b";
const utf8 = (text: string) => Buffer.from(text);

/** One body for each endpoint would be good, but for what is wrong with it: `%s` is the field. */
interface Bad {
  readonly name: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly status: number;
}

const deep = 5_000;
const unreadable: readonly Bad[] = [
  { name: "nothing but a brace", type: jsonType, body: "{", status: 400 },
  { name: "a trailing comma", type: jsonType, body: '{"email":"a@b.co",}', status: 400 },
  { name: "NaN", type: jsonType, body: '{"token":NaN,"email":NaN}', status: 400 },
  { name: "Infinity", type: jsonType, body: '{"token":-Infinity}', status: 400 },
  { name: "two values", type: jsonType, body: "{}{}", status: 400 },
  { name: "only a blank", type: jsonType, body: " ", status: 400 },
  { name: "a byte-order mark", type: jsonType, body: utf8('\uFEFF{"email":"ada@example.com"}'), status: 400 },
  {
    name: "bytes that are not UTF-8",
    type: jsonType,
    body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d),
    status: 400,
  },
  { name: "an overlong encoding", type: jsonType, body: Uint8Array.of(0x22, 0xc0, 0x80, 0x22), status: 400 },
  {
    name: "half a character of UTF-16",
    type: `${jsonType}; charset=utf-16le`,
    body: Uint8Array.of(0x7b),
    status: 400,
  },
  {
    name: "UTF-8 that says UTF-16",
    type: `${jsonType}; charset=utf-16`,
    body: '{"email":"ada@example.com"}',
    status: 400,
  },
  { name: "an array", type: jsonType, body: '[{"email":"ada@example.com"}]', status: 400 },
  { name: "a string", type: jsonType, body: '"ada@example.com"', status: 400 },
  { name: "a number", type: jsonType, body: "5", status: 400 },
  { name: "a boolean", type: jsonType, body: "true", status: 400 },
  { name: "null", type: jsonType, body: "null", status: 400 },
  { name: "arrays 5,000 deep", type: jsonType, body: "[".repeat(deep) + "]".repeat(deep), status: 400 },
  {
    name: "objects 2,000 deep",
    type: jsonType,
    body: '{"email":'.repeat(1_500) + "1" + "}".repeat(1_500),
    status: 400,
  },
  { name: "a number of 10,000 digits", type: jsonType, body: `{"email":${"9".repeat(10_000)}}`, status: 400 },
  {
    name: "a thousand members",
    type: jsonType,
    body: `{${Array.from({ length: 1_000 }, (_, n) => `"m${n}":1`).join()}}`,
    status: 400,
  },
  {
    name: "a polluted prototype",
    type: jsonType,
    body: '{"__proto__":{"email":"ada@example.com","token":"t","password":"p"}}',
    status: 400,
  },
  {
    name: "a polluted constructor",
    type: jsonType,
    body: '{"constructor":{"prototype":{"email":"ada@example.com"}}}',
    status: 400,
  },
  { name: "a form with a broken percent sign", type: formType, body: "email=%zz&token=%", status: 400 },
  { name: "a form that is not UTF-8", type: formType, body: "email=%ff&token=%c0%80", status: 400 },
  { name: "a form of raw bytes", type: formType, body: Uint8Array.of(0x61, 0x3d, 0xff), status: 400 },
  {
    name: "a form of 21 fields",
    type: formType,
    body: Array.from({ length: 21 }, (_, n) => `f${n}=1`).join("&"),
    status: 400,
  },
  { name: "a form of 4,000 ampersands", type: formType, body: "&".repeat(4_000), status: 400 },
  {
    name: "a form with brackets",
    type: formType,
    body: "email[]=ada@example.com&email[a][b]=c&token[]=t&password[]=p",
    status: 400,
  },
  {
    name: "a form with __proto__",
    type: formType,
    body: "__proto__=x&__proto__[email]=ada@example.com",
    status: 400,
  },
  {
    name: "JSON that says it is a form",
    type: formType,
    body: '{"email":"ada@example.com","token":"t"}',
    status: 400,
  },
  { name: "multipart without a boundary", type: "multipart/form-data", body: "--b--\r\n", status: 400 },
  {
    name: "multipart with an empty boundary",
    type: 'multipart/form-data; boundary=""',
    body: "----\r\n",
    status: 400,
  },
  {
    name: "multipart with a boundary too long",
    type: `multipart/form-data; boundary=${"b".repeat(71)}`,
    body: "x",
    status: 400,
  },
  {
    name: "multipart that does not end",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n',
    status: 400,
  },
  {
    name: "multipart of bare line feeds",
    type: multipartType,
    body: '--b\nContent-Disposition: form-data; name="email"\n\nx\n--b--\n',
    status: 400,
  },
  {
    name: "multipart with another boundary",
    type: multipartType,
    body: '--c\r\nContent-Disposition: form-data; name="email"\r\n\r\nx\r\n--c--\r\n',
    status: 400,
  },
  {
    name: "a part without a name",
    type: multipartType,
    body: "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
    status: 400,
  },
  {
    name: "a part without a disposition",
    type: multipartType,
    body: "--b\r\nX: y\r\n\r\nx\r\n--b--\r\n",
    status: 400,
  },
  {
    name: "a part with two dispositions",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--b--\r\n',
    status: 400,
  },
  {
    name: "a part with two names",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n--b--\r\n',
    status: 400,
  },
  {
    name: "a part with a broken header",
    type: multipartType,
    body: "--b\r\nno colon\r\n\r\nx\r\n--b--\r\n",
    status: 400,
  },
  {
    name: "a part with 2,000 characters of headers",
    type: multipartType,
    body: `--b\r\nX: ${"x".repeat(2_000)}\r\n\r\nx\r\n--b--\r\n`,
    status: 400,
  },
  {
    name: "a part in base64",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="email"\r\nContent-Transfer-Encoding: base64\r\n\r\nYWRhQGV4YW1wbGUuY29t\r\n--b--\r\n',
    status: 400,
  },
  {
    name: "21 parts",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'.repeat(21) + "--b--\r\n",
    status: 400,
  },
  {
    name: "a file in the place of a field",
    type: multipartType,
    body: '--b\r\nContent-Disposition: form-data; name="email"; filename="f"\r\n\r\nada@example.com\r\n--b--\r\n',
    status: 400,
  },
  {
    name: "a file of bytes",
    type: multipartType,
    body: Buffer.concat([
      utf8('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'),
      Uint8Array.of(0xff, 0xd8),
      utf8("\r\n--b--\r\n"),
    ]),
    status: 400,
  },
  { name: "no type", body: '{"email":"ada@example.com"}', status: 415 },
  { name: "plain text", type: "text/plain", body: '{"email":"ada@example.com"}', status: 415 },
  { name: "two types", type: `${jsonType}, ${formType}`, body: '{"email":"ada@example.com"}', status: 415 },
  { name: "a type that only begins like JSON", type: "application/jsonp", body: "{}", status: 415 },
  { name: "a suffix of JSON", type: "application/vnd.api+json", body: "{}", status: 415 },
  { name: "a type of a property of objects", type: "constructor/constructor", body: "{}", status: 415 },
  { name: "XML", type: "application/xml", body: "<email/>", status: 415 },
  {
    name: "Latin-1",
    type: `${jsonType}; charset=iso-8859-1`,
    body: '{"email":"ada@example.com"}',
    status: 415,
  },
  { name: "UTF-7", type: `${jsonType}; charset=utf-7`, body: '{"email":"ada@example.com"}', status: 415 },
  { name: "two character sets", type: `${jsonType}; charset=utf-8; charset=utf-16`, body: "{}", status: 415 },
  { name: "a form in UTF-16", type: `${formType}; charset=utf-16`, body: "email=a", status: 415 },
  {
    name: "a packed body",
    type: jsonType,
    headers: { "content-encoding": "gzip" },
    body: gzipSync('{"email":"ada@example.com"}'),
    status: 415,
  },
  {
    name: "a body packed twice",
    type: jsonType,
    headers: { "content-encoding": "identity, br" },
    body: "{}",
    status: 415,
  },
];

const wrongTexts: readonly unknown[] = [
  [],
  ["ada@example.com"],
  [["ada@example.com", "evil@example.com"]],
  { toString: "ada@example.com" },
  true,
  false,
  null,
  "",
  " \t\n",
  "a\0b",
  "\ud800",
  "pw\udfff",
  1.5,
  -0.5,
  1e300,
];

const wrongAddresses: readonly unknown[] = [
  5,
  "not-an-address",
  "a@x.example,b@y.example",
  "a@x.example;b@y.example",
  "a@x.example b@y.example",
  "a@x.example\nb@y.example",
  "ada@example.com\r\nBcc: evil@example.com",
  "ada@example.com%0d%0aBcc: evil@example.com",
  "ada\u2028@example.com",
  "ada\u0085@example.com",
  "<ada@example.com>",
  "Ada <ada@example.com>",
  '"evil@example.com x"@example.com',
  '"ada"@example.com',
  "ada(comment)@example.com",
  "g:ada@example.com;",
  "@evil.example:ada@example.com",
  "ada＠example.com",
  "ada@example。com",
  "ada@[127.0.0.1]",
  "ada@intranet",
  "ada..x@example.com",
  ".ada@example.com",
  `${"a".repeat(65)}@example.com`,
  `ada@${"a.".repeat(5_000)}com`,
  `${"a".repeat(10_000)}@example.com`,
  "\u202Eada@example.com",
  "ada@exam\u200Bple.com",
];

const json = (value: unknown): Pick<Sent, "headers" | "body"> => ({
  headers: { "content-type": jsonType },
  body: JSON.stringify(value),
});

function setUp(way: string) {
  const throttled: string[] = [];
  const accounts = people("ada@example.com");
  const count = (stage: string) => ({ take: () => void throttled.push(stage) });
  const kit = makeKit(
    {
      throttles: { request: [count("request")], validate: [count("validate")], confirm: [count("confirm")] },
    },
    accounts,
  );
  const handler = createHandler(kit.reset, { log: kit.log });
  const drive: Drive = way === "fetch" ? byFetch(handler) : byPlain(handler);
  return { ...kit, drive, throttled };
}

describe.each(["the plain shape", "fetch"])("through %s", (way) => {
  describe.each(["/", "/validate_token/", "/confirm/"])("POST %s refuses", (path) => {
    it("every body that cannot be read, and nothing has happened", async () => {
      const { drive, throttled, calls, passwordOf, reset, mails, log } = setUp(way);
      for (const { name, type, headers, body, status } of unreadable) {
        const bytes = typeof body === "string" ? utf8(body) : body;
        const answer = await drive({
          path: base + path,
          headers: { ...headers, ...(type && { "content-type": type }) },
          body: new Uint8Array(bytes),
        });
        expect(answer.status, name).toBe(status);
        expect(answer.headers["content-type"], name).toBe("application/json");
        expect(Object.keys(JSON.parse(answer.body)), name).not.toEqual([]);
      }
      await reset.drain();
      expect({ throttled, mails, calls }).toEqual({
        throttled: [],
        mails: [],
        calls: { findByIdentifier: 0, findById: 0, setPassword: 0, hashes: 0 },
      });
      expect(passwordOf(1)).toBe("old-Passw0rd!");
      expect(log.lines.filter((line) => line.startsWith("error"))).toEqual([]);
      expect(Object.prototype).not.toHaveProperty("email");
    });
  });

  it("an address that is none is a 400 with a sentence, and counts for nothing", async () => {
    const { drive, throttled, reset, mails } = setUp(way);
    for (const email of [...wrongTexts, ...wrongAddresses]) {
      const answer = await drive({ path: `${base}/`, ...json({ email }) });
      expect(answer.status, JSON.stringify(email)).toBe(400);
      expect(JSON.parse(answer.body)).toEqual({ email: expect.arrayContaining([expect.any(String)]) });
    }
    await reset.drain();
    expect({ throttled, mails }).toEqual({ throttled: [], mails: [] });
  });

  it("a token or password that is no text is a 400 at its field, and the token stays good", async () => {
    const { drive, throttled, ask, passwordOf } = setUp(way);
    const { token } = await ask("ada@example.com");
    throttled.length = 0;
    for (const wrong of wrongTexts) {
      const name = JSON.stringify(wrong);
      const validate = await drive({ path: `${base}/validate_token/`, ...json({ token: wrong }) });
      expect([validate.status, Object.keys(JSON.parse(validate.body))], name).toEqual([400, ["token"]]);
      const confirm = await drive({
        path: `${base}/confirm/`,
        ...json({ token: wrong, password: goodPassword }),
      });
      expect([confirm.status, Object.keys(JSON.parse(confirm.body))], name).toEqual([400, ["token"]]);
      const password = await drive({ path: `${base}/confirm/`, ...json({ token, password: wrong }) });
      expect([password.status, Object.keys(JSON.parse(password.body))], name).toEqual([400, ["password"]]);
    }
    // A password of blanks alone is text: it is up to the validators.
    expect(new Set(throttled)).toEqual(new Set(["confirm"]));
    expect(passwordOf(1)).toBe("old-Passw0rd!");
    expect(
      (await drive({ path: `${base}/confirm/`, ...json({ token, password: goodPassword }) })).status,
    ).toBe(200);
    expect(passwordOf(1)).toBe(goodPassword);
  });

  it("what is no field has no effect", async () => {
    const { drive, byId, ask } = setUp(way);
    const { token } = await ask("ada@example.com");
    const extra = {
      user_id: 2,
      id: 2,
      is_admin: true,
      active: false,
      purpose: "login",
      tenant: "b",
      scope: "b",
      lifetime: 1e9,
    };
    const answer = await drive({
      path: `${base}/confirm/?token=other&password=other`,
      ...json({ ...extra, token, password: goodPassword }),
    });
    expect(answer.status).toBe(200);
    expect(byId.get(1)).toMatchObject({ id: 1, email: "ada@example.com", active: true });
  });
});

describe("a body that is too large", () => {
  it("is a 413, whether or not it says how large it is", async () => {
    const { reset, log } = setUp("fetch");
    const handler = createHandler(reset, { log, limits: { maxBytes: 2_000 } });
    const send = async (size: number, stream: boolean) => {
      const body = JSON.stringify({ email: "ada@example.com", more: "x".repeat(size) });
      const request = new Request(`http://a.example${base}/`, {
        method: "POST",
        headers: { "content-type": jsonType, ...(!stream && { "content-length": String(body.length) }) },
        body: stream ? new Blob([body]).stream() : body,
        duplex: "half",
      } as RequestInit);
      return (await handler(request)).status;
    };
    expect(await send(1_900, true)).toBe(200);
    expect(await send(1_900, false)).toBe(200);
    expect(await send(2_001, true)).toBe(413);
    expect(await send(2_001, false)).toBe(413);
    expect(await send(5_000_000, true)).toBe(413);
  });
});

describe("a token of 10,000 characters", () => {
  it("is a bad token like any other", async () => {
    const { drive } = setUp("fetch");
    const answer = await drive({ path: `${base}/validate_token/`, ...json({ token: "a".repeat(10_000) }) });
    expect(answer.status).toBe(404);
    expect(answer).toEqual(await drive({ path: `${base}/validate_token/`, ...json({ token: "a" }) }));
  });
});

describe("a body that does not end", () => {
  it("is a 408 after the time that limits.timeout gives", async () => {
    const { reset, log } = setUp("fetch");
    const handler = createHandler(reset, { log, limits: { timeout: "30ms" } });
    let cancelled = false;
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(utf8('{"email":')),
      cancel: () => void (cancelled = true),
    });
    const init = { method: "POST", headers: { "content-type": jsonType }, body, duplex: "half" };
    const response = await handler(new Request(`http://a.example${base}/`, init as RequestInit));
    expect(response.status).toBe(408);
    // Not before the client has had the time to read it.
    expect(cancelled).toBe(false);
    await expect.poll(() => cancelled, { timeout: 5_000 }).toBe(true);
  });

  it("is read on for a megabyte after its 413, and no further", async () => {
    const { reset, log } = setUp("fetch");
    const piece = new Uint8Array(65_536);
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream({
      pull(stream) {
        sent += piece.length;
        stream.enqueue(piece);
      },
      cancel: () => void (cancelled = true),
    });
    const init = { method: "POST", headers: { "content-type": jsonType }, body, duplex: "half" };
    const request = new Request(`http://a.example${base}/`, init as RequestInit);
    expect((await createHandler(reset, { log })(request)).status).toBe(413);
    await expect.poll(() => cancelled, { timeout: 5_000 }).toBe(true);
    expect(sent).toBeGreaterThan(1_000_000);
    expect(sent).toBeLessThan(1_500_000);
  });
});
