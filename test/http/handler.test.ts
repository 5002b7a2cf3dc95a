import { afterEach, describe, expect, it, vi } from "vitest";
import { ResetError, type ErrorCode, type ErrorDetails } from "../../src/errors.js";
import { passGate } from "../../src/http/gate.js";
import { createHandler, toHandler, type GateAttempt, type HandlerOptions } from "../../src/http/handler.js";
import { fr } from "../../src/locales/fr.js";
import { length } from "../../src/validators/length.js";
import type { PasswordReset, ResetContext, ResetOptions } from "../../src/types.js";
import { goodPassword, keptLog, makeKit, platforms, type Person } from "../kit.js";
import { byFetch, byPlain, json, plainRequest, type Sent } from "./drive.js";

const base = "/api/password_reset";

function setUp(http: HandlerOptions = {}, options: Partial<ResetOptions<Person>> = {}) {
  const kit = makeKit(options);
  const handler = createHandler(kit.reset, { log: kit.log, ...http });
  return { ...kit, handler, drive: byPlain(handler) };
}

/** A handler on an engine whose every verb throws. */
function failing(error: unknown, http: HandlerOptions = {}) {
  const log = keptLog();
  const fail = () => Promise.reject(error);
  const reset = { request: fail, inspect: fail, confirm: fail } as Partial<PasswordReset> as PasswordReset;
  return { drive: byPlain(createHandler(reset, { log, ...http })), log };
}

const ask = (headers?: Sent["headers"], path = `${base}/`): Sent => {
  const sent = json({ email: "ada@example.com" });
  return { path, body: sent.body, headers: { ...sent.headers, ...headers } };
};

describe("the paths", () => {
  it.each(["", "/", "/validate_token", "/validate_token/", "/confirm", "/confirm/"])(
    "%j is answered, with and without a slash",
    async (path) => {
      const { drive } = setUp();
      expect((await drive({ method: "GET", path: base + path })).status).toBe(405);
    },
  );

  it.each([
    "/",
    "/api",
    "/api/password_reset//",
    "//api/password_reset/",
    "/api//password_reset/",
    "/api/password_reset/confirm//",
    "/api/password_reset/confirm/x",
    "/api/password_reset/Confirm/",
    "/API/password_reset/",
    "/api/password_resets/",
    "/api/password_reset%2f",
    "/api/password%5Freset/",
    "/api/password_reset/./",
    "/api/password_reset/__proto__",
    "/api/password_reset/constructor",
    "http://evil.example/api/password_reset/",
    "*",
    "",
  ])("%j is nobody's", async (path) => {
    const { handler } = setUp();
    expect(await handler.plain(plainRequest({ method: "GET", path }))).toBeNull();
  });

  it("are below basePath, or else where the adapter is mounted, or else below /api/password_reset", async () => {
    const status = async (http: HandlerOptions, path: string, mountedAt?: string) => {
      const { handler } = setUp(http);
      return (await handler.plain(plainRequest({ method: "GET", path }), {}, mountedAt))?.status;
    };
    expect(await status({}, "/auth/confirm/", "/auth")).toBe(405);
    expect(await status({}, `${base}/confirm/`, "/auth")).toBeUndefined();
    expect(await status({}, `${base}/confirm/`, "")).toBe(405);
    expect(await status({ basePath: "/a/b" }, "/a/b/confirm/", "/auth")).toBe(405);
    expect(await status({ basePath: "/a/b/" }, "/a/b")).toBe(405);
    expect(await status({ basePath: "/a/b//" }, "/a/b/confirm")).toBe(405);
    expect(await status({ basePath: "/" }, "/confirm")).toBe(405);
    expect(await status({ basePath: "/" }, "/")).toBe(405);
  });

  it("are those of the stages in only", async () => {
    const { handler } = setUp({ only: ["confirm"] });
    const answers = await Promise.all(
      ["/", "/validate_token/", "/confirm/"].map((path) =>
        handler.plain(plainRequest({ method: "GET", path: base + path })),
      ),
    );
    expect(answers.map((answer) => answer?.status)).toEqual([undefined, undefined, 405]);
  });

  it("of the API's own description aren't answered without docs", async () => {
    const { handler } = setUp({ docs: false });
    for (const path of ["/openapi.json", "/docs", "/elsewhere"]) {
      expect(await handler.plain(plainRequest({ method: "GET", path: base + path })), path).toBeNull();
    }
  });

  it("that are nobody's get a 404 from the fetch handler, which says nothing of methods", async () => {
    const { handler } = setUp();
    const answer = await byFetch(handler)({ method: "GET", path: "/elsewhere" });
    expect(answer.status).toBe(404);
    expect(answer.headers).toEqual({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(JSON.parse(answer.body)).toEqual({ detail: "There's nothing at this address." });
  });
});

describe("the description of the API", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ["test", undefined, 200],
    ["development", undefined, 200],
    ["production", undefined, undefined],
    ["production", true, 200],
    ["test", false, undefined],
  ])("in the environment %j with docs as %j gets %j", async (environment, docs, status) => {
    vi.stubEnv("NODE_ENV", environment);
    const { handler } = setUp(docs === undefined ? {} : { docs });
    const request = plainRequest({ method: "GET", path: `${base}/openapi.json` });
    expect((await handler.plain(request))?.status).toBe(status);
  });
});

describe("a method", () => {
  it.each(["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "post", "__proto__"])(
    "%s is a 405 that says what is allowed",
    async (method) => {
      const { drive } = setUp();
      const answer = await drive({ ...ask({ "x-http-method-override": "POST" }), method });
      expect([answer.status, answer.headers["allow"]]).toEqual([405, "POST, OPTIONS"]);
      expect(JSON.parse(answer.body)).toEqual({ detail: `The ${method} method isn't allowed here.` });
    },
  );

  it("is repeated in its first 20 letters only", async () => {
    const { drive } = setUp();
    const { body } = await drive({ ...ask(), method: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" });
    expect(JSON.parse(body)).toEqual({ detail: "The ABCDEFGHIJKLMNOPQRST method isn't allowed here." });
  });

  it("HEAD has no body", async () => {
    const { drive } = setUp();
    expect(await drive({ method: "HEAD", path: `${base}/` })).toMatchObject({ status: 405, body: "" });
  });

  it("OPTIONS tells what is read and written", async () => {
    const { drive } = setUp();
    const answer = await drive({ method: "OPTIONS", path: `${base}/confirm/` });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      name: "Set a new password",
      description: expect.any(String),
      renders: ["application/json", "application/problem+json"],
      parses: ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    });
  });
});

describe("a reset", () => {
  it("goes from the request through validate to confirm, and the token works once", async () => {
    const { drive, reset, mails, passwordOf } = setUp();
    expect(await drive(ask())).toEqual({
      status: 200,
      headers: {
        "content-type": "application/json",
        vary: "Accept",
        allow: "POST, OPTIONS",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
      body: '{"status":"OK"}',
    });
    await reset.drain();
    const { token } = mails[0] as { token: string };
    const validate = () => drive({ path: `${base}/validate_token/`, ...json({ token: ` ${token}\n` }) });
    const confirm = () => drive({ path: `${base}/confirm/`, ...json({ token, password: "  New pass 1  " }) });
    expect((await validate()).body).toBe('{"status":"OK"}');
    expect((await confirm()).body).toBe('{"status":"OK"}');
    expect(passwordOf(1)).toBe("  New pass 1  ");
    const used = await confirm();
    expect([used.status, JSON.parse(used.body)]).toEqual([
      404,
      { detail: "This link or code is invalid or has expired. Request a new one." },
    ]);
    expect(await validate()).toEqual(used);
  });

  it("tells what validateReveals gives, after the status", async () => {
    const kit = setUp({}, { validateReveals: (user) => ({ email: user.email, id: user.id }) });
    const { token } = await kit.ask("ada@example.com");
    const answer = await kit.drive({ path: `${base}/validate_token/`, ...json({ token }) });
    expect(answer.body).toBe('{"status":"OK","email":"ada@example.com","id":1}');
  });

  it("answers alike whether there is an account", async () => {
    const { drive } = setUp();
    const unknown = { path: `${base}/`, ...json({ email: "nobody@example.com" }) };
    expect(await drive(unknown)).toEqual(await drive(ask()));
  });

  it("knows the identifier by the name and the format that the application chose", async () => {
    const { drive, reset, calls } = setUp({ field: "username", format: "text" });
    expect((await drive({ path: `${base}/`, ...json({ username: "Ada Lovelace" }) })).status).toBe(200);
    await reset.drain();
    expect(calls.findByIdentifier).toBe(1);
    const wrong = await drive({ path: `${base}/`, ...json({ email: "ada@example.com" }) });
    expect(JSON.parse(wrong.body)).toEqual({ username: ["This field is required."] });
  });

  it("tells why a password is refused, in words of the visitor's language where it has them", async () => {
    const own = () => ["Not on a Monday.", { code: "own", message: "Nor on a Tuesday." }];
    const kit = setUp({}, { validators: [length({ min: 12 }), own] });
    const { token } = await kit.ask("ada@example.com");
    const sent = { path: `${base}/confirm/`, ...json({ token, password: "short" }) };
    const answer = await kit.drive(sent);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      {
        password: ["Use at least 12 characters.", "Not on a Monday.", "Nor on a Tuesday."],
      },
    ]);
    const problem = await kit.drive({
      ...sent,
      headers: { ...sent.headers, accept: "application/problem+json" },
    });
    expect(problem.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(problem.body)).toEqual({
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      code: "weak_password",
      errors: JSON.parse(answer.body),
    });
  });

  it("says 429 and how long to wait, and only well-formed requests count", async () => {
    const { drive } = setUp({}, { throttles: { request: [{ by: "ip", max: 1, per: "1h" }] } });
    await drive({ method: "OPTIONS", path: `${base}/` });
    await drive({ method: "GET", path: `${base}/` });
    await drive({ path: `${base}/`, ...json({ email: "none" }) });
    await drive({ path: `${base}/`, headers: { "content-type": "application/json" }, body: "{" });
    await drive(ask({ accept: "text/html" }));
    expect((await drive(ask())).status).toBe(200);
    const second = await drive(ask());
    expect([second.status, second.headers["retry-after"]]).toEqual([429, "3600"]);
    expect(JSON.parse(second.body)).toEqual({ detail: "Too many requests. Try again in 60 minutes." });
  });
});

describe("an error of the engine", () => {
  const answers: readonly [ErrorCode, ErrorDetails, number, object, string?][] = [
    [
      "invalid_input",
      { fields: { identifier: ["blank"], token: ["own words"] } },
      400,
      { email: ["This field can't be empty."], token: ["own words"] },
    ],
    ["unknown_account", {}, 400, { email: ["We couldn't find an account that matches what you entered."] }],
    [
      "vetoed",
      {},
      403,
      { detail: "We can't reset this password right now. Try again later, or contact support." },
    ],
    [
      "invalid_token",
      { message: "because" },
      404,
      { detail: "This link or code is invalid or has expired. Request a new one." },
    ],
    ["throttled", { retryAfter: 0.2 }, 429, { detail: "Too many requests. Try again in 1 second." }, "1"],
    [
      "throttled",
      { retryAfter: 86_399.5 },
      429,
      { detail: "Too many requests. Try again in 24 hours." },
      "86400",
    ],
    ["unsupported", {}, 501, { detail: "This kind of token doesn't support that." }],
    [
      "unavailable",
      {},
      503,
      { detail: "We couldn't complete that right now. Nothing was lost, so try again in a moment." },
      "5",
    ],
    [
      "unavailable",
      { retryAfter: 30, cause: new Error("secret") },
      503,
      { detail: "We couldn't complete that right now. Nothing was lost, so try again in a moment." },
      "30",
    ],
  ];

  it.each(answers)("%s %j is a %i", async (code, details, status, body, retryAfter) => {
    const { drive } = failing(new ResetError(code, details));
    const answer = await drive(ask());
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, body]);
    expect(answer.headers["retry-after"]).toBe(retryAfter);
  });

  it("is told as problem details to who asks for them, with the same status and headers", async () => {
    const { drive } = failing(new ResetError("throttled", { retryAfter: 60 }));
    const answer = await drive(ask({ accept: "application/problem+json, application/json" }));
    expect(answer).toMatchObject({
      status: 429,
      headers: { "content-type": "application/problem+json", "retry-after": "60", vary: "Accept" },
    });
    expect(JSON.parse(answer.body)).toEqual({
      type: "about:blank",
      title: "Too Many Requests",
      status: 429,
      code: "throttled",
      detail: "Too many requests. Try again in 1 minute.",
    });
  });

  it("that was not foreseen is a 500 that tells nothing; the log has it, without secrets", async () => {
    const cause = new Error("duplicate key (ada@example.com, tok-secret, New-pass-1) at db.internal:5432");
    const { drive, log } = failing(cause);
    const answer = await drive({
      path: `${base}/confirm/`,
      ...json({ token: "tok-secret", password: "New-pass-1" }),
    });
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      detail: "Something went wrong on our end. Try again in a moment.",
    });
    expect(log.lines).toEqual([
      "error: A confirm failed: Error: duplicate key ([address], [hidden], [hidden]) at db.internal:5432",
    ]);
  });

  it.each([undefined, null, "text", 5, { status: 200 }])(
    "that is no Error at all (%j) is a 500",
    async (thrown) => {
      expect((await failing(thrown).drive(ask())).status).toBe(500);
    },
  );
});

describe("the header Accept", () => {
  it("that cannot be met is a 406, and nothing is done", async () => {
    const { drive, reset, mails } = setUp();
    const answer = await drive(ask({ accept: "text/html" }));
    expect(answer).toMatchObject({
      status: 406,
      headers: { "content-type": "application/json", vary: "Accept" },
    });
    await reset.drain();
    expect(mails).toEqual([]);
  });
});

describe("the header Vary", () => {
  it("names Accept-Language if the application has languages of its own, with all else as before", async () => {
    const german = { "accept-language": "de" };
    const usual = await setUp().drive(ask(german));
    expect(usual.headers["vary"]).toBe("Accept");
    expect(await setUp({ locales: [fr] }).drive(ask(german))).toEqual({
      ...usual,
      headers: { ...usual.headers, vary: "Accept, Accept-Language" },
    });
  });
});

describe("the language of an answer", () => {
  it("is the first one in Accept-Language that there is", async () => {
    const { drive } = setUp({ locales: [fr] });
    const sent = json({});
    const headers = { ...sent.headers, "accept-language": "eo, fr;q=0.9, de;q=0.8" };
    const answer = await drive({ ...sent, path: `${base}/`, headers });
    expect(JSON.parse(answer.body)).toEqual({ email: [fr.api.fields.required] });
  });
});

describe("the application's context", () => {
  it("is made of the framework's own request, and reaches the engine", async () => {
    const seen: ResetContext[] = [];
    const log = keptLog();
    const reset = { request: async (_: unknown, context: ResetContext) => (seen.push(context), {}) };
    const handler = createHandler(reset as Partial<PasswordReset> as PasswordReset, {
      log,
      context: (request) => ({ scope: request.headers.get("x-tenant")!, data: { n: 1 }, locale: "de" }),
    });
    await byFetch(handler, { ip: "192.0.2.9" })(ask({ "x-tenant": "acme", "user-agent": "browser" }));
    expect(seen).toEqual([
      {
        ip: "192.0.2.9",
        userAgent: "browser",
        locale: "de",
        scope: "acme",
        data: { n: 1 },
        waitUntil: undefined,
      },
    ]);
  });

  it("that fails is a 500, unless it says what is wrong by a ResetError", async () => {
    const broken = setUp({ context: () => Promise.reject(new Error("no tenants")) });
    expect((await broken.drive(ask())).status).toBe(500);
    expect(broken.log.lines.at(-1)).toBe("error: A request failed: Error: no tenants");
    const unknown = setUp({ context: () => Promise.reject(new ResetError("not_found")) });
    expect((await unknown.drive(ask())).status).toBe(404);
  });
});

describe("a gate", () => {
  const throttles = { request: [{ by: "ip" as const, max: 1, per: "1h" }] };

  it("refuses by false, before the request counts", async () => {
    const { drive } = setUp({ gate: ({ fields }) => fields["captcha"] === "solved" }, { throttles });
    const body = (captcha: string) => ({ path: `${base}/`, ...json({ email: "ada@example.com", captcha }) });
    for (let n = 0; n < 5; n++) {
      const answer = await drive(body("wrong"));
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        403,
        { detail: "We can't reset this password right now. Try again later, or contact support." },
      ]);
    }
    expect((await drive(body("solved"))).status).toBe(200);
    expect((await drive(body("solved"))).status).toBe(429);
  });

  it("that throws refuses too, and is logged", async () => {
    const { drive, log } = setUp({ gate: () => Promise.reject(new Error("provider is down")) });
    expect((await drive(ask())).status).toBe(403);
    expect(log.lines.at(-1)).toBe("warn: The gate threw, so a request was rejected: Error: provider is down");
  });

  it("that throws is the cause of its error", async () => {
    const cause = new Error("provider is down");
    const attempt = { stage: "request" } as GateAttempt;
    const passing = passGate(() => Promise.reject(cause), attempt, keptLog());
    await expect(passing).rejects.toMatchObject({ code: "vetoed", cause });
  });

  it("may answer by a ResetError of its own", async () => {
    const gate = () => Promise.reject(new ResetError("throttled", { retryAfter: 7 }));
    expect(await setUp({ gate }).drive(ask())).toMatchObject({
      status: 429,
      headers: { "retry-after": "7" },
    });
  });

  it("sees the stage, the client, the headers and the body, but no token, password or second factor", async () => {
    const seen: GateAttempt[] = [];
    const { drive } = setUp({ gate: (attempt) => void seen.push(attempt) });
    await drive({
      path: `${base}/confirm/`,
      ...json({
        token: "t",
        password: goodPassword,
        second_factor: "123456",
        email: "ada@example.com",
        captcha: "c",
      }),
    });
    expect(seen).toHaveLength(1);
    const { stage, fields, ip, header } = seen[0]!;
    expect([stage, { ...fields }, ip, header("content-type")]).toEqual([
      "confirm",
      { email: "ada@example.com", captcha: "c" },
      "192.0.2.1",
      "application/json",
    ]);
    expect(JSON.stringify(seen)).not.toContain(goodPassword);
  });

  it("is not asked about a request that is not well-formed", async () => {
    let asked = 0;
    const { drive } = setUp({ gate: () => void asked++ });
    await drive({ path: `${base}/`, ...json({}) });
    await drive({ method: "GET", path: `${base}/` });
    expect(asked).toBe(0);
  });
});

describe("check() of the engine", () => {
  afterEach(() => void vi.unstubAllEnvs());

  const setUpAt = (platform: string | undefined, http: HandlerOptions = {}) => {
    for (const name of platforms) vi.stubEnv(name, name === platform ? "1" : "");
    const kit = setUp(http);
    const findings = async () => {
      const found = await kit.reset.check();
      return found.map(({ what }) => what).filter((what) => what.includes("trustProxy"));
    };
    return { ...kit, findings };
  };

  it("finds a proxy that the handler wasn't told of once a request has come through it", async () => {
    const { drive, findings } = setUpAt(undefined);
    await drive(ask());
    expect(await findings()).toEqual([]);
    await drive(ask({ "x-forwarded-for": "198.51.100.7" }));
    expect(await findings()).toEqual([
      "A request came through a reverse proxy, and trustProxy isn't set: all clients share the proxy's IP address and its rate limit.",
    ]);
  });

  it("finds nothing on a platform with a proxy if the handler was told of it", async () => {
    expect(await setUpAt("VERCEL").findings()).toEqual([
      "VERCEL is set, so there is a reverse proxy in front, and trustProxy isn't set: all clients share the proxy's IP address and its rate limit.",
    ]);
    expect(await setUpAt("VERCEL", { trustProxy: 1 }).findings()).toEqual([]);
  });
});

describe("what an adapter is given", () => {
  it("is a handler, or an engine that it makes one of with its options", async () => {
    const { handler, reset, log } = setUp();
    expect(toHandler(handler)).toBe(handler);
    const made = toHandler(reset, { basePath: "/auth", log });
    expect(await made.plain(plainRequest({ method: "GET", path: "/auth/confirm/" }))).toMatchObject({
      status: 405,
    });
  });

  it("can't be a handler with options, which it has already", () => {
    for (const make of [createHandler, toHandler])
      expect(() => make(undefined as never)).toThrow(
        "createHandler's reset is missing: pass what passwordReset(options) returned.",
      );
    expect(() => toHandler(setUp().handler, { basePath: "/auth" })).toThrow(
      "This handler already has its options. Pass them to createHandler(), or pass the reset here.",
    );
  });
});

describe("an option that cannot work", () => {
  it.each([
    [{ basepath: "/x" }, 'createHandler() has no option "basepath". Did you mean "basePath"?'],
    [{ basePath: "x" }, 'basePath is "x". Use the path as it is in the URL'],
    [{ basePath: "//x" }, "Use the path as it is in the URL"],
    [{ basePath: ["/x"] }, 'basePath is ["/x"]. Use the path as it is in the URL'],
    [{ basePath: "/a b" }, "Use the path as it is in the URL"],
    [{ basePath: "/x?y" }, "Use the path as it is in the URL"],
    [{ field: "token" }, 'field is "token", which is invalid or taken. Use another name'],
    [{ field: "password" }, 'field is "password", which is invalid or taken.'],
    [{ field: "second_factor" }, 'field is "second_factor", which is invalid or taken.'],
    [{ field: "status" }, 'field is "status", which is invalid or taken.'],
    [{ field: "detail" }, 'field is "detail", which is invalid or taken.'],
    [{ field: "__proto__" }, "Use another name"],
    [{ field: "" }, "Use another name"],
    [{ field: "e mail" }, 'field is "e mail", which is invalid or taken.'],
    [{ field: "e".repeat(65) }, "which is invalid or taken."],
    [{ format: "phone" }, 'format is "phone". Use "email" or "text"'],
    [{ only: [] }, 'only is []. Use an array of some of "request", "validate", "confirm"'],
    [{ only: "confirm" }, "Use an array of some of"],
    [{ only: ["reset"] }, "Use an array of some of"],
    [{ only: ["confirm", "reset"] }, 'only is ["confirm","reset"]. Use an array of some of'],
    [{ docs: "yes" }, "docs is yes. Use true or false."],
    [{ locales: "fr" }, "createHandler() has locales that aren't an array."],
    [{ gate: true }, "gate must be a function: pass a function of the attempt"],
    [{ context: {} }, "context must be a function: pass a function of the request"],
    [{ limits: { maxbytes: 1 } }, 'limits has no option "maxbytes". Did you mean "maxBytes"?'],
    [{ limits: { maxBytes: 10 } }, "limits.maxBytes is 10. Pass an integer from 1024"],
    [{ limits: { timeout: "soon" } }, 'limits.timeout is "soon"'],
    [{ trustProxy: true }, "trustProxy is true. Use the number"],
  ])("%j is refused", (http, sentence) => {
    expect(() => setUp(http as any)).toThrow(sentence);
  });
});
