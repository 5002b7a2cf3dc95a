/** What a version of NestJS must do with the module, whichever it is. */
import type * as Common from "@nestjs/common";
import type { CanActivate, DynamicModule, INestApplication } from "@nestjs/common";
import type * as Core from "@nestjs/core";
import type * as Express from "@nestjs/platform-express";
import type * as Fastify from "@nestjs/platform-fastify";
import { afterEach, describe, expect, it } from "vitest";
import type * as Adapter from "resetkit/adapters/nestjs";
import type { ServerResponse } from "node:http";
import type * as Testing from "resetkit/testing";
import type { PasswordReset, ResetContext, ResetOptions } from "resetkit/types";
import { send, type Sent } from "../../src/testing/handler/wire.js";
import { json } from "../http/drive.js";
import { makeKit, type Person } from "../kit.js";
import { behind, framework, versionOf } from "./framework.js";

export interface NestVersion {
  readonly common: typeof Common;
  readonly core: typeof Core;
  readonly express: typeof Express;
  readonly fastify: typeof Fastify;
  readonly adapter: typeof Adapter;
  /** Of the same copy of resetkit as the adapter. */
  readonly testing: typeof Testing;
  /** Where it is installed. Default: among our own packages. */
  readonly modules?: string;
}

const mount = "/api/password_reset";
const asking = { path: mount, ...json({ email: "ada@example.com" }) };

export function nestSuite(version: string, nest: NestVersion): void {
  const { Module, Get, Controller, Injectable, VersioningType } = nest.common;
  const { handlerSuite } = nest.testing;
  const { PasswordResetModule, InjectPasswordReset, PASSWORD_RESET } = nest.adapter;

  const platforms = {
    Express: () => new nest.express.ExpressAdapter(),
    Fastify: () => new nest.fastify.FastifyAdapter(),
  };
  const parsers: Readonly<Record<string, object>> = {
    "Nest's body parsers": {},
    "rawBody: true": { rawBody: true },
  };

  describe.each(Object.keys(platforms) as (keyof typeof platforms)[])(`${version} on %s`, (platform) => {
    const open: INestApplication[] = [];
    afterEach(async () => {
      for (const app of open.splice(0)) await app.close();
    });

    async function create(imports: DynamicModule[], options: object = {}, more: object = {}) {
      class Root {}
      Module({ imports, ...more })(Root);
      const made = await nest.core.NestFactory.create(Root, platforms[platform](), {
        logger: false,
        abortOnError: false,
        forceCloseConnections: true,
        ...options,
      });
      return made;
    }

    async function portOf(app: INestApplication): Promise<number> {
      await app.listen(0, "127.0.0.1");
      return app.getHttpServer().address().port;
    }

    async function listen(app: INestApplication) {
      open.push(app);
      const port = await portOf(app);
      return (sent: Sent) => send(port, sent);
    }

    const row = {
      name: `NestJS on ${platform}`,
      version: versionOf("@nestjs/core", nest.modules),
      ran: behind(parsers),
    };
    framework(row, () =>
      handlerSuite(
        { describe, it },
        `${version} on ${platform}`,
        async ({ reset, path, options, parser }) => {
          const idle = { ...reset, work: async () => undefined, close: async () => undefined };
          const app = await create(
            [PasswordResetModule.forRoot({ reset: idle, path, ...options })],
            parser ? parsers[parser] : { bodyParser: false },
          );
          app.use(
            (_req: unknown, res: { setHeader(name: string, value: string): void }, next: () => void) => {
              res.setHeader("x-app", "kept");
              next();
            },
          );
          return { port: await portOf(app), close: () => app.close() };
        },
        { parsers: Object.keys(parsers).map((name) => ({ name })) },
      ),
    );

    const kitOf = (options: Partial<ResetOptions<Person>> = {}) => makeKit({ worker: "outside", ...options });

    it("answers below the global prefix, and versions, and leaves Nest its own 404s", async () => {
      const { reset } = kitOf();
      const app = await create([PasswordResetModule.forRoot({ reset, path: "/:tenant/auth.reset/" })]);
      app.setGlobalPrefix("api/v9");
      const drive = await listen(app);
      const statusOf = async (path: string) => (await drive({ ...asking, path })).status;
      expect(await statusOf("/api/v9/acme/auth.reset")).toBe(200);
      expect(await statusOf("/api/v9/acme/auth.reset/?x=/y")).toBe(200);
      expect(await statusOf("/api/v9/acme/auth.reset/confirm/")).toBe(400);
      for (const other of [
        "/acme/auth.reset",
        "/api/v9/acme/auth-reset",
        "/api/v9/acme/auth.resets",
        mount,
      ]) {
        expect(await statusOf(other), other).toBe(404);
      }
      const missing = await drive({ ...asking, path: "/api/v9/acme/auth.reset/other" });
      expect(JSON.parse(missing.body)).toMatchObject({ statusCode: 404, error: "Not Found" });
    });

    it("answers with and without the version that an application has", async () => {
      const app = await create([PasswordResetModule.forRoot({ reset: kitOf().reset, path: "reset" })]);
      app.setGlobalPrefix("api");
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: "1" });
      const drive = await listen(app);
      for (const path of ["/api/v1/reset", "/api/v1/reset/", "/api/reset"]) {
        expect((await drive({ ...asking, path })).status, path).toBe(200);
      }
      expect((await drive({ ...asking, path: "/api/v1/reset/confirm" })).status).toBe(400);
    });

    it("is behind CORS, and before guards, pipes and interceptors, which lock out a controller", async () => {
      class Closed implements CanActivate {
        canActivate() {
          return false;
        }
      }
      class Broken {
        transform() {
          throw new Error("piped");
        }
        intercept() {
          throw new Error("intercepted");
        }
      }
      class Pages {
        read() {
          return "read";
        }
      }
      Get("read")(Pages.prototype, "read", Object.getOwnPropertyDescriptor(Pages.prototype, "read")!);
      Controller()(Pages);
      const app = await create(
        [PasswordResetModule.forRoot({ reset: kitOf().reset })],
        { cors: true },
        {
          controllers: [Pages],
        },
      );
      app.useGlobalGuards(new Closed());
      app.useGlobalPipes(new Broken());
      app.useGlobalInterceptors(new Broken() as never);
      const drive = await listen(app);
      const answer = await drive({ ...asking, headers: { ...asking.headers, origin: "https://a.example" } });
      expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, "*"]);
      expect((await drive({ method: "GET", path: "/read" })).status).toBe(403);
      const preflight = await drive({
        method: "OPTIONS",
        path: mount,
        headers: { origin: "https://a.example", "access-control-request-method": "POST" },
      });
      expect(preflight.status).toBe(204);
    });

    it("keeps the cookies and `Vary` that middleware before it has set", async () => {
      const app = await create([PasswordResetModule.forRoot({ reset: kitOf().reset })]);
      app.use((_req: unknown, res: ServerResponse, next: () => void) => {
        res.setHeader("set-cookie", "lang=de");
        res.setHeader("vary", "Origin");
        next();
      });
      const { headers } = await (await listen(app))(asking);
      expect([headers["set-cookie"], headers["vary"]]).toEqual([["lang=de"], "Origin, Accept"]);
    });

    it("takes names for the endpoints", async () => {
      const paths = { request: "ask" };
      const app = await create([PasswordResetModule.forRoot({ reset: kitOf().reset, paths })]);
      const drive = await listen(app);
      expect((await drive({ ...asking, path: `${mount}/ask/` })).status).toBe(200);
      expect((await drive(asking)).status).toBe(404);
    });

    it("sends the mails while the application runs, and no longer", async () => {
      const kit = kitOf();
      const app = await create([PasswordResetModule.forRoot({ reset: kit.reset })]);
      const drive = await listen(app);
      expect((await drive(asking)).status).toBe(200);
      await expect.poll(() => kit.mails.length).toBe(1);
      await app.close();
      open.length = 0;
      await kit.reset.request({ identifier: "ada@example.com" });
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(kit.mails.length).toBe(1);
    });

    it("leaves the mails to another process where it is told to", async () => {
      const kit = kitOf();
      const drive = await listen(
        await create([PasswordResetModule.forRoot({ reset: kit.reset, work: false })]),
      );
      expect((await drive(asking)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(kit.mails).toEqual([]);
      await kit.reset.drain();
      expect(kit.mails.length).toBe(1);
    });

    it("sends mails in an application without HTTP", async () => {
      const kit = kitOf();
      class Worker {}
      Module({ imports: [PasswordResetModule.forRoot({ reset: kit.reset })] })(Worker);
      const app = await nest.core.NestFactory.createApplicationContext(Worker, { logger: false });
      await kit.reset.request({ identifier: "ada@example.com" });
      await expect.poll(() => kit.mails.length).toBe(1);
      await app.close();
    });

    it("takes its options from a factory with what it injects, and gives the engine to whom asks", async () => {
      const kit = kitOf();
      class Database {
        readonly open = async () => kit.reset;
      }
      class Databases {}
      Module({ providers: [Database], exports: [Database] })(Databases);
      class Support {
        readonly reset: PasswordReset<Person>;
        constructor(reset: PasswordReset<Person>) {
          this.reset = reset;
        }
      }
      InjectPasswordReset()(Support, undefined, 0);
      Injectable()(Support);
      const async = PasswordResetModule.forRootAsync({
        imports: [Databases],
        inject: [Database],
        useFactory: async (database: Database) => ({ reset: await database.open(), path: "reset" }),
      });
      const app = await create([async], {}, { providers: [Support] });
      const drive = await listen(app);
      expect((await drive({ ...asking, path: "/reset" })).status).toBe(200);
      expect(app.get(Support).reset).toBe(kit.reset);
      expect(app.get(PASSWORD_RESET, { strict: false })).toBe(kit.reset);
    });

    it("takes its options from a class, made for it or there already", async () => {
      const { reset } = kitOf();
      class Settings {
        createPasswordResetOptions() {
          return { reset, path: "reset" };
        }
      }
      class There {}
      Module({ providers: [Settings], exports: [Settings] })(There);
      const made = PasswordResetModule.forRootAsync({ useClass: Settings });
      const there = PasswordResetModule.forRootAsync({ imports: [There], useExisting: Settings });
      for (const given of [made, there]) {
        const drive = await listen(await create([given]));
        expect((await drive({ ...asking, path: "/reset" })).status).toBe(200);
      }
    });

    it("keeps two modules apart, and two applications of one module", async () => {
      const [first, second] = [kitOf(), kitOf()];
      const both = [
        PasswordResetModule.forRoot({ reset: first.reset, path: "first" }),
        PasswordResetModule.forRoot({ reset: second.reset, path: "second", field: "login", format: "text" }),
      ];
      for (const app of [await create(both), await create(both)]) {
        const drive = await listen(app);
        expect((await drive({ ...asking, path: "/first" })).status).toBe(200);
        expect((await drive({ ...asking, path: "/second" })).status).toBe(400);
        expect((await drive({ path: "/second", ...json({ login: "ada" }) })).status).toBe(200);
      }
    });

    it("gives the application's context the request that middlewares get", async () => {
      const seen: ResetContext[] = [];
      const reset = {
        ...kitOf().reset,
        request: async (_: unknown, context: ResetContext) => void seen.push(context),
      };
      const context = (request: { tenant: string }) => ({ scope: request.tenant });
      const app = await create([PasswordResetModule.forRoot({ reset: reset as never, context })]);
      app.use((req: object, _res: unknown, next: () => void) => {
        Object.assign(req, { tenant: "acme" });
        next();
      });
      const drive = await listen(app);
      expect((await drive(asking)).status).toBe(200);
      expect(seen).toMatchObject([{ scope: "acme", ip: "127.0.0.1" }]);
    });
  });

  it(`refuses what cannot work on ${version}, with the fix`, async () => {
    const { reset } = makeKit();
    const forRoot = (options: object) => () => PasswordResetModule.forRoot(options as never);
    expect(forRoot({})).toThrow("pass what passwordReset({ … }) returned");
    expect(forRoot({ reset, basePath: "/r" })).toThrow("Pass path, which is below the global prefix");
    for (const path of ["", "/", "a//b", "a/*", "a?b"]) {
      expect(forRoot({ reset, path }), path).toThrow('such as "auth/reset"');
    }
    expect(forRoot({ reset, feild: "login" })).toThrow('Did you mean "field"?');
    expect(() => PasswordResetModule.forRootAsync({})).toThrow("pass useFactory, useClass or useExisting");
  });
}
