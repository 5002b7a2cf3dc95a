import {
  Inject,
  type DynamicModule,
  type MiddlewareConsumer,
  type Provider,
  type Type,
} from "@nestjs/common";
import type { IncomingMessage, ServerResponse } from "node:http";
import { defaultBase, toHandler, type HandlerOptions } from "../http/handler.js";
import { assertFunction, UsageError } from "../check-options.js";
import type { Awaitable, PasswordReset, PlainHandler } from "../types.js";
import { answerNode, relativeTarget } from "./node-bridge.js";

/** `R` is the request that callbacks receive: Express's, or Node's own on Fastify. */
export interface PasswordResetModuleOptions<R = any> extends Omit<HandlerOptions<R>, "basePath"> {
  /** What `passwordReset()` returned. */
  readonly reset: PasswordReset;
  /**
   * Path of the endpoints, below the global prefix.
   *
   * @default "/api/password_reset"
   */
  readonly path?: string;
  /**
   * Whether this application runs the background worker that sends the emails. Pass false if another process does.
   *
   * @default true
   */
  readonly work?: boolean;
}

/** Implemented by the classes that `useClass` and `useExisting` name. */
export interface PasswordResetOptionsFactory {
  /** Makes the options of the module. */
  createPasswordResetOptions(): Awaitable<PasswordResetModuleOptions>;
}

/** Exactly one of `useFactory`, `useClass`, and `useExisting`, as in other Nest modules. */
export interface PasswordResetModuleAsyncOptions {
  /** Modules whose providers are injected. */
  readonly imports?: DynamicModule["imports"];
  /** The providers that `useFactory` is called with. */
  readonly inject?: any[];
  /** Returns the options, or a promise of them. */
  readonly useFactory?: (...injected: any[]) => Awaitable<PasswordResetModuleOptions>;
  /** A class to instantiate. It returns the options. */
  readonly useClass?: Type<PasswordResetOptionsFactory>;
  /** A provider that returns the options. */
  readonly useExisting?: Type<PasswordResetOptionsFactory>;
}

/** The injection token of the engine, for modules that import this one. */
export const PASSWORD_RESET = Symbol("PASSWORD_RESET");

/** Injects the engine: `constructor(@InjectPasswordReset() private readonly reset: PasswordReset<User>) {}`. */
export const InjectPasswordReset = (): ReturnType<typeof Inject> => Inject(PASSWORD_RESET);

/**
 * A module for NestJS 10, 11, and 12, on Express and on Fastify: `imports: [PasswordResetModule.forRoot({ reset })]`.
 *
 * It runs as middleware: after the global prefix and CORS, and before guards, pipes, interceptors, and filters. So no guard
 * locks out users who can't sign in. The background worker starts with the application, and `onModuleDestroy` waits for
 * the jobs that it has leased.
 */
export class PasswordResetModule {
  readonly #mounting: Mounting;

  constructor(mounting: Mounting) {
    this.#mounting = mounting;
  }

  /**
   * Makes the module from options that are known now.
   *
   * @throws {TypeError} If an option can't work.
   */
  static forRoot(options: PasswordResetModuleOptions): DynamicModule {
    return moduleOf([{ provide: MOUNTING, useValue: mountingOf(options) }]);
  }

  /** Makes the module from options that providers return. An option that can't work fails the application's start. */
  static forRootAsync({ imports = [], ...given }: PasswordResetModuleAsyncOptions): DynamicModule {
    return { ...moduleOf(providersOf(given)), imports };
  }

  configure(consumer: MiddlewareConsumer): void {
    const { routes, middleware } = this.#mounting;
    consumer.apply(middleware).forRoutes(...routes);
  }

  onApplicationBootstrap(): void {
    const { reset, work } = this.#mounting;
    if (work) void reset.work();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#mounting.reset.close();
  }
}

/** The checked options. */
interface Mounting {
  readonly reset: PasswordReset;
  readonly work: boolean;
  /** Patterns of the paths that the middleware is called for. */
  readonly routes: readonly string[];
  readonly middleware: (req: NestRequest, res: ServerResponse, next: () => void) => void;
}

const MOUNTING = Symbol("PASSWORD_RESET_MOUNTING");

// Equivalent to a decorator on the constructor's parameter, which not every compiler supports.
Inject(MOUNTING)(PasswordResetModule, undefined, 0);

function moduleOf(providers: Provider[]): DynamicModule {
  const engine: Provider = {
    provide: PASSWORD_RESET,
    useFactory: ({ reset }: Mounting) => reset,
    inject: [MOUNTING],
  };
  return { module: PasswordResetModule, providers: [...providers, engine], exports: [PASSWORD_RESET] };
}

function providersOf(given: PasswordResetModuleAsyncOptions): Provider[] {
  const { inject = [], useFactory, useClass, useExisting } = given;
  const provider = (inject: any[], make: (...injected: any[]) => Awaitable<PasswordResetModuleOptions>) => ({
    provide: MOUNTING,
    useFactory: async (...injected: any[]) => mountingOf(await make(...injected)),
    inject,
  });
  if (useFactory) return [provider(inject, useFactory)];
  const factory = useClass ?? useExisting;
  assertFunction(factory, "forRootAsync({ useFactory })", "pass useFactory, useClass or useExisting");
  const made = provider([factory], (one: PasswordResetOptionsFactory) => one.createPasswordResetOptions());
  return useClass ? [useClass, made] : [made];
}

function mountingOf(options: PasswordResetModuleOptions): Mounting {
  const { reset, path: given = defaultBase, work = true, ...http } = options;
  assertFunction(reset?.request, "reset", "pass what passwordReset({ … }) returned");
  if ("basePath" in http) {
    throw new UsageError(
      "PasswordResetModule has no option basePath. Pass path, which is below the global prefix.",
    );
  }
  const path = String(given).replace(/^\/+|\/+$/g, "");
  if (!/^:?[\w.~-]+(?:\/:?[\w.~-]+)*$/.test(path)) {
    throw new UsageError(
      `path is ${JSON.stringify(given)}. Use names with slashes between them, such as "auth/reset".`,
    );
  }
  const routes = routesOf(path, http.paths);
  return { reset, work, routes, middleware: middlewareOf(toHandler(reset, http), path) };
}

/** Patterns without wildcards, because Nest 10 writes wildcards differently from later versions. */
function routesOf(path: string, paths: HandlerOptions["paths"]): readonly string[] {
  const depths = Object.values({ ...paths, docs: "docs" }).map((one) => one.split("/").length);
  const parts = Array.from({ length: Math.max(...depths) }, (_, index) => `:part${index}`);
  return [path, ...parts.map((_, index) => [path, ...parts.slice(0, index + 1)].join("/"))];
}

/** The part that the adapter uses of Express's request, or of the request that Nest passes to middleware on Fastify. */
interface NestRequest extends IncomingMessage {
  /** The whole URL; `url` lacks the part that matched. */
  readonly originalUrl?: string;
  readonly body?: unknown;
}

function middlewareOf(handler: PlainHandler, path: string): Mounting["middleware"] {
  const own = path.replaceAll(".", "\\.").replace(/:[^/]+/g, "[^/?#]+");
  // The global prefix and a version may precede the path, and Nest doesn't expose how long they are.
  const mount = new RegExp(`^(?:/[^/?#]*)*?/${own}(?=[/?#]|$)`);
  return (req, res, next) => {
    const target = relativeTarget(req.originalUrl ?? req.url ?? "/");
    const mountedAt = mount.exec(target)?.[0];
    if (mountedAt === undefined) return next();
    const below = target.slice(mountedAt.length);
    void answerNode(handler, req, res, { mountedAt, target: below, body: req.body, next });
  };
}
