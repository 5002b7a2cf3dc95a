import { createConfig, lintFromString } from "@redocly/openapi-core";
import { build } from "esbuild";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ApiDocument } from "../../../src/http/docs/openapi.js";
import { createHandler, type HandlerOptions } from "../../../src/http/handler.js";
import { goodPassword, makeKit, people } from "../../kit.js";
import { checkerOf, requestsOf, toRequest, type Asked, type Known } from "../document.js";
import { byPlain, plainRequest } from "../drive.js";

const ip = "192.0.2.1";
const base = "/api/password_reset";

function setUp(options: HandlerOptions = {}) {
  const kit = makeKit();
  const handler = createHandler(kit.reset, { log: kit.log, ...options });
  const get = (path: string, method = "GET", mountedAt?: string) =>
    handler.plain(plainRequest({ method, path }), {}, mountedAt);
  const documentAt = async (path: string, mountedAt?: string) =>
    JSON.parse((await get(path, "GET", mountedAt))!.body) as ApiDocument;
  return { ...kit, handler, get, documentAt };
}

afterEach(() => void vi.unstubAllEnvs());

describe("the document", () => {
  /** What Redocly's strictest rules say. The paths of django-rest-passwordreset do end with a slash. */
  async function problemsOf(document: unknown): Promise<string[]> {
    const config = await createConfig({
      extends: ["recommended-strict"],
      rules: { "no-path-trailing-slash": "off", "info-license": "off" },
    });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
  }

  it.each<HandlerOptions>([
    {},
    { field: "username", format: "text" },
    { only: ["confirm"] },
    { basePath: "/" },
    { basePath: "/tenants/a/reset" },
  ])("passes a validator with the options %j, and all its examples match their schemas", async (options) => {
    const { documentAt } = setUp(options);
    expect(
      await problemsOf(await documentAt(`${(options.basePath ?? base).replace(/\/$/, "")}/openapi.json`)),
    ).toEqual([]);
  });

  it("would not pass with an example that cannot be, or without a description (control)", async () => {
    const { documentAt } = setUp();
    const wrong = JSON.parse(JSON.stringify(await documentAt(`${base}/openapi.json`)));
    const { responses } = wrong.paths["/confirm/"].post;
    responses[404].content["application/json"].examples.invalid_token.value = { detail: ["Gone."] };
    delete responses[200].description;
    expect((await problemsOf(wrong)).map((problem) => problem.split(":")[0])).toEqual([
      "struct",
      "no-invalid-media-type-examples",
    ]);
  });

  it("says of each endpoint what is read, and every answer with its type and headers", async () => {
    const { documentAt } = setUp();
    const { paths, components } = await documentAt(`${base}/openapi.json`);
    expect(Object.keys(paths)).toEqual(["/", "/validate_token/", "/confirm/"]);
    const { requestBody, responses } = paths["/confirm/"]!.post;
    expect(Object.keys(requestBody!.content)).toEqual([
      "application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
    ]);
    expect(components.schemas["ConfirmBody"]).toMatchObject({
      properties: {
        password: { type: "string", format: "password" },
        token: { type: "string" },
        email: { type: "string", format: "email" },
        second_factor: { type: "string" },
      },
      required: ["password", "token"],
    });
    expect(Object.keys(responses).join(" ")).toBe("200 400 403 404 405 406 408 413 415 429 500 503");
    const bothForms = ["application/json", "application/problem+json"];
    expect(
      Object.entries(responses)
        .filter(([, { content }]) => Object.keys(content).join() !== bothForms.join())
        .map(([status, { content }]) => [status, ...Object.keys(content)]),
    ).toEqual([
      ["200", "application/json"],
      ["406", "application/json"],
    ]);
    const everywhere = ["Vary", "Allow", "Cache-Control", "X-Content-Type-Options"];
    for (const [status, { headers }] of Object.entries(responses)) {
      const waits = status === "429" || status === "503";
      expect(Object.keys(headers).sort()).toEqual([...everywhere, ...(waits ? ["Retry-After"] : [])].sort());
    }
    expect(components.headers).toEqual({
      Vary: { schema: { type: "string", const: "Accept" } },
      Allow: { schema: { type: "string", const: "POST, OPTIONS" } },
      "Cache-Control": { schema: { type: "string", const: "no-store" } },
      "X-Content-Type-Options": { schema: { type: "string", const: "nosniff" } },
      "Retry-After": { schema: { type: "integer", minimum: 1 } },
    });
  });

  it("has the codes of the errors, and shows each as it is told", async () => {
    const { documentAt } = setUp();
    const { paths } = await documentAt(`${base}/openapi.json`);
    const refused = paths["/confirm/"]!.post.responses["400"]!;
    const examples = (type: string) =>
      Object.entries(refused.content[type]!.examples).map(([code, { value }]) => [code, value]);
    expect(examples("application/json")).toEqual([
      ["invalid_input", { password: ["This field is required."] }],
      ["malformed_body", { detail: "The request body isn't valid JSON." }],
      ["second_factor", { second_factor: ["Enter the code from your authenticator app."] }],
      ["weak_password", { password: ["Use at least 8 characters."] }],
    ]);
    expect(examples("application/problem+json")[1]).toEqual([
      "malformed_body",
      {
        type: "about:blank",
        title: "Bad Request",
        status: 400,
        code: "malformed_body",
        detail: "The request body isn't valid JSON.",
      },
    ]);
  });

  it("calls the identifier what the application calls it", async () => {
    const { documentAt } = setUp({ field: "username", format: "text" });
    const { components } = await documentAt(`${base}/openapi.json`);
    expect(components.schemas["RequestBody"]).toMatchObject({
      properties: { username: { type: "string", minLength: 1, maxLength: 254 } },
      required: ["username"],
    });
    expect(Object.keys(components.schemas["RequestErrors"]!["properties"] as object)).toEqual([
      "username",
      "non_field_errors",
    ]);
  });

  it("has the endpoints that there are", async () => {
    const { documentAt } = setUp({ only: ["validate", "confirm"] });
    const { paths, components } = await documentAt(`${base}/openapi.json`);
    expect(Object.keys(paths)).toEqual(["/validate_token/", "/confirm/"]);
    expect(Object.keys(components.schemas).filter((name) => /^Request/.test(name))).toEqual([]);
  });

  it.each([
    [{}, base, undefined],
    [{}, "/auth/reset", "/auth/reset"],
    [{ basePath: "/whole/path/" }, "/whole/path", "/path"],
    [{ basePath: "/" }, "", undefined],
  ] satisfies [HandlerOptions, string, string | undefined][])(
    "with the options %j says that the server is %j",
    async (options, where, mountedAt) => {
      const { documentAt } = setUp(options);
      expect((await documentAt(`${where}/openapi.json`, mountedAt)).servers).toEqual([{ url: where || "/" }]);
    },
  );

  it.each(["//evil.example", "/\\evil.example"])(
    "names no other server when it is mounted at %s",
    async (mount) => {
      const { documentAt } = setUp();
      expect((await documentAt(`${mount}/openapi.json`, mount)).servers).toEqual([{ url: "/evil.example" }]);
    },
  );
});

describe("requests made of the document", () => {
  /** Ten accounts with a good token each, and a throttle that is used up now and then. */
  async function withTokens() {
    const emails = Array.from({ length: 10 }, (_, index) => `ada${index}@example.com`);
    const kit = makeKit({ throttles: { request: [{ by: "ip", max: 1, per: "30s" }] } }, people(...emails));
    const handler = createHandler(kit.reset, { log: kit.log });
    const tokens: string[] = [];
    for (const email of emails) tokens.push((await kit.ask(email)).token);
    const known: Known = {
      email: emails,
      token: [...tokens, "x"],
      password: [goodPassword, "short"],
      second_factor: ["1"],
    };
    const { documentAt } = setUp();
    const document = await documentAt(`${base}/openapi.json`);
    const send = (asked: Asked) => handler(toRequest("https://app.example.com", document, asked), { ip });
    return { ...kit, send, document, known };
  }

  const runs = { numRuns: 1_000, seed: 20_260_115 };

  it("get only answers that it describes, and no 5xx: 1,000 of them", async () => {
    const { send, document, known, clock } = await withTokens();
    const problemsOf = checkerOf(document);
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(requestsOf(document, known), async (asked) => {
        clock.now += 500;
        const answer = await send(asked);
        seen.add(`${answer.status} ${asked.path}`);
        expect(await problemsOf(asked, answer)).toEqual([]);
      }),
      runs,
    );
    // The sample is worth something only if it reached every kind of answer.
    for (const path of ["", "/validate_token", "/confirm"]) {
      for (const status of [200, 400, 405, 406, 413, 415]) {
        expect(seen).toContain(`${status} ${path}`);
        expect(seen).toContain(`${status} ${path}/`);
      }
    }
    for (const other of ["404 /validate_token", "404 /confirm", "429 /"]) expect(seen).toContain(other);
  });

  it.each<[string, (answer: Response) => Promise<Response>]>([
    [
      "a status that is not described",
      async (answer) => new Response(answer.body, { ...answer, status: 418 }),
    ],
    [
      "a member too many",
      async (answer) => {
        const body = { ...((await answer.json()) as object), token: "…" };
        return new Response(JSON.stringify(body), answer);
      },
    ],
    [
      "a header too few",
      async (answer) => {
        answer.headers.delete("vary");
        return answer;
      },
    ],
    ["a 5xx", async ({ headers }) => new Response('{"detail":"Sorry."}', { headers, status: 500 })],
  ])("would find %s (control)", async (_what, spoil) => {
    const { send, document, known } = await withTokens();
    const problemsOf = checkerOf(document);
    const outcome = await fc.check(
      fc.asyncProperty(requestsOf(document, known), async (asked) => {
        const answer = await send(asked);
        expect(await problemsOf(asked, answer.ok ? await spoil(answer) : answer)).toEqual([]);
      }),
      { ...runs, endOnFailure: true },
    );
    expect(outcome.failed).toBe(true);
  });
});

describe("openapi.json and docs", () => {
  const paths = ["/openapi.json", "/docs", "/docs/"];

  it.each([
    ["/openapi.json", "application/json"],
    ["/docs", "text/html; charset=utf-8"],
    ["/docs/", "text/html; charset=utf-8"],
  ])("%s is answered to GET and HEAD, as %s, and not kept", async (path, type) => {
    const { get } = setUp();
    const answer = (await get(base + path))!;
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": type,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      allow: "GET, HEAD",
    });
    expect(await get(base + path, "HEAD")).toEqual({ ...answer, body: "" });
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is a 405 that says what is allowed", async (method) => {
    const { get } = setUp();
    for (const path of paths) {
      expect(await get(base + path, method)).toEqual({
        status: 405,
        headers: {
          "content-type": "application/json",
          allow: "GET, HEAD",
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
        body: `{"detail":"The ${method} method isn't allowed here."}`,
      });
    }
  });

  it.each(["/openapi.json/", "/openapi", "/docs//", "/docs/x", "/Docs", "/docs.json", "/constructor"])(
    "%s is nobody's",
    async (path) => {
      const { get } = setUp();
      expect(await get(base + path)).toBeNull();
    },
  );

  it("are not there in production, unless they are asked for", async () => {
    const isThere = async (options: HandlerOptions) => {
      const { get } = setUp(options);
      return Promise.all(paths.map(async (path) => (await get(base + path)) !== null));
    };
    const [yes, no] = [
      [true, true, true],
      [false, false, false],
    ];
    vi.stubEnv("NODE_ENV", "development");
    expect(await isThere({})).toEqual(yes);
    expect(await isThere({ docs: false })).toEqual(no);
    vi.stubEnv("NODE_ENV", "production");
    expect(await isThere({})).toEqual(no);
    expect(await isThere({ docs: true })).toEqual(yes);
    vi.stubEnv("NODE_ENV", undefined);
    expect(await isThere({})).toEqual(yes);
  });

  it("are not there where the runtime does not say whether it is production", async () => {
    const env = process.env;
    const without = (options: HandlerOptions) => {
      Reflect.set(process, "env", undefined);
      try {
        return setUp(options);
      } finally {
        process.env = env;
      }
    };
    expect(await without({}).get(`${base}/docs`)).toBeNull();
    expect(await without({ docs: true }).get(`${base}/docs`)).not.toBeNull();
  });

  it("are a matter of yes or no", () => {
    expect(() => setUp({ docs: "yes" as unknown as boolean })).toThrow("docs is yes. Use true or false.");
  });

  it("cost the handler nothing until they are asked for: they are files of their own", async () => {
    const { metafile } = await build({
      entryPoints: ["src/http/handler.ts"],
      bundle: true,
      splitting: true,
      format: "esm",
      outdir: "dist",
      write: false,
      metafile: true,
      alias: { "#crypto": "./src/crypto/web.ts" },
    });
    const outputs = Object.values(metafile.outputs);
    const handler = outputs.find(({ entryPoint }) => entryPoint === "src/http/handler.ts")!;
    const atOnce = handler.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path);
    const loaded = [handler, ...atOnce.map((path) => metafile.outputs[path]!)].flatMap(({ inputs }) =>
      Object.keys(inputs),
    );
    expect(loaded).toContain("src/http/routes.ts");
    for (const file of ["http/docs/openapi", "http/docs/schemas", "http/docs/page", "html/style", "html"]) {
      expect(loaded).not.toContain(`src/${file}.ts`);
      expect(outputs.flatMap(({ inputs }) => Object.keys(inputs))).toContain(`src/${file}.ts`);
    }
  });

  it("use up no throttle, and ask the application nothing", async () => {
    const kit = makeKit({ throttles: { request: [{ by: "ip", max: 1, per: "1h" }] } });
    const fail = () => {
      throw new Error("asked");
    };
    const drive = byPlain(createHandler(kit.reset, { log: kit.log, gate: fail, context: fail }));
    for (let times = 0; times < 3; times++) {
      expect((await drive({ method: "GET", path: `${base}/docs` })).status).toBe(200);
    }
    expect(kit.log.lines).toEqual([]);
  });
});
