import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { resetHandler, type AdonisContext } from "resetkit/adapters/adonisjs";
import { handlerSuite } from "resetkit/testing";
import type { ResetContext } from "resetkit/types";
import { json, serve, type Served } from "../http/drive.js";
import { makeKit } from "../kit.js";
import { packages } from "../servers/packages.js";
import { behind, framework, versionOf } from "./framework.js";

const modules = await packages("adonisjs", { dependencies: { "@adonisjs/core": "6.21.0" } });
const load = (path: string) => import(pathToFileURL(join(modules, "@adonisjs/core/build", path)).href);
const { AppFactory } = await load("factories/app.js");
const { ServerFactory } = await load("factories/http.js");
const { BodyParserMiddlewareFactory } = await load("factories/bodyparser.js");

const mount = "/api/password_reset";
const asking = { path: mount, ...json({ email: "ada@example.com" }) };

/** What stands in config/bodyparser.ts, apart from a starter's own. */
const parsers: Readonly<Record<string, object>> = {
  "the body parser": {},
  "a body parser that empties and trims": {
    form: { convertEmptyStringsToNull: true, trimWhitespaces: true },
    json: { convertEmptyStringsToNull: true, trimWhitespaces: true },
  },
  "a body parser of other types": {
    form: { types: ["a/form"] },
    json: { types: ["a/json"] },
    raw: { types: ["a/raw"] },
    multipart: { autoProcess: false },
  },
};

type Handle = (ctx: AdonisContext) => unknown;

/** Adonis's own HTTP server, with what a starter has before its routes. */
async function adonis(routes: Readonly<Record<string, Handle>>, parser?: object): Promise<Served> {
  const app = new AppFactory().create(new URL("./", import.meta.url), () => undefined);
  await app.init();
  const server = new ServerFactory().merge({ app }).create();
  const middleware = (handle: (ctx: any, next: () => Promise<void>) => unknown) => async () => ({
    default: class {
      handle(ctx: any, next: () => Promise<void>) {
        return handle(ctx, next);
      }
    },
  });
  server.use([
    middleware((ctx, next) => {
      ctx.response.header("x-app", "kept");
      return next();
    }),
  ]);
  const router = server.getRouter();
  if (parser) {
    const reads = new BodyParserMiddlewareFactory().merge(parser).create();
    router.use([middleware((ctx, next) => reads.handle(ctx, next))]);
  }
  for (const [path, handle] of Object.entries(routes)) router.any(path, handle);
  await server.boot();
  return serve((req, res) => void server.handle(req, res));
}

framework({ name: "AdonisJS", version: versionOf("@adonisjs/core", modules), ran: behind(parsers) }, () =>
  handlerSuite(
    { describe, it },
    "AdonisJS 6",
    ({ reset, path, options, parser }) => {
      const handle = resetHandler(reset, options);
      return adonis({ [path]: handle, [`${path}/*`]: handle }, parser ? parsers[parser] : undefined);
    },
    {
      parsers: Object.keys(parsers).map((name) => ({ name, failsUnpacking: !name.includes("other types") })),
    },
  ),
);

describe("resetHandler for AdonisJS", () => {
  const open: Served[] = [];
  afterEach(async () => {
    for (const served of open.splice(0)) await served.close();
  });

  async function listen(...given: Parameters<typeof adonis>): Promise<Served> {
    const served = await adonis(...given);
    open.push(served);
    return served;
  }

  it("answers below a pattern with parameters, and leaves what is not its own a 404", async () => {
    const handle = resetHandler(makeKit().reset);
    const { drive } = await listen({ "/:tenant/reset": handle, "/:tenant/reset/*": handle });
    const statusOf = async (path: string) => (await drive({ ...asking, path })).status;
    expect(await statusOf("/acme/reset")).toBe(200);
    expect(await statusOf("/acme/reset/?x=/y")).toBe(200);
    expect(await statusOf("/acme/reset/confirm/")).toBe(400);
    expect(await statusOf("/acme/reset/other")).toBe(404);
    expect(await statusOf("/acme/other")).toBe(404);
  });

  it("keeps the cookies and `Vary` that middleware before it has set, and takes names for the endpoints", async () => {
    const ours = resetHandler(makeKit().reset, { paths: { request: "ask" } });
    const handle = (ctx: any) => {
      ctx.response.append("set-cookie", "lang=de");
      ctx.response.vary("Origin");
      return ours(ctx);
    };
    const { drive } = await listen({ [mount]: handle, [`${mount}/*`]: handle });
    const { status, headers } = await drive({ ...asking, path: `${mount}/ask` });
    expect([status, headers["set-cookie"], headers["vary"]]).toEqual([200, ["lang=de"], "Origin, Accept"]);
    expect((await drive(asking)).status).toBe(404);
  });

  it("gives the application's context Adonis's own, whose patterns a CSRF shield can except", async () => {
    const seen: ResetContext[] = [];
    const reset = {
      ...makeKit().reset,
      request: async (_: unknown, context: ResetContext) => void seen.push(context),
    };
    const handle = resetHandler(reset as never, { context: (ctx) => ({ scope: ctx.route!.pattern }) });
    const { drive } = await listen({ [mount]: handle, [`${mount}/*`]: handle });
    await drive(asking);
    await drive({ ...asking, path: `${mount}/` });
    expect(seen.map(({ scope }) => scope)).toEqual([mount, mount]);
    expect(seen[0]!.ip).toBe("127.0.0.1");
  });

  it("keeps the blanks of a password that Adonis would trim", async () => {
    const kit = makeKit({ validators: [] });
    const handle = resetHandler(kit.reset);
    const { drive } = await listen(
      { [`${mount}/*`]: handle },
      parsers["a body parser that empties and trims"],
    );
    const { token } = await kit.ask("ada@example.com");
    const password = "  with blanks  ";
    expect((await drive({ path: `${mount}/confirm`, ...json({ token, password }) })).status).toBe(200);
    expect(kit.passwordOf(1)).toBe(password);
  });
});
