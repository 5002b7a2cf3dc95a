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

/** `R` is what callbacks get: Express's request, or on Fastify Node's own. */
export interface PasswordResetModuleOptions<R = any> extends Omit<HandlerOptions<R>, "basePath"> {
  /** What `passwordReset()` returned. */
  readonly reset: PasswordReset;
  /** Where it answers, below the global prefix. Default `"/api/password_reset"`. */
  readonly path?: string;
  /** Whether this application sends the mails. Default: yes; `false` where another process does. */
  readonly work?: boolean;
}

/** What `useClass` and `useExisting` name. */
export interface PasswordResetOptionsFactory {
  /** Makes the options of the module. */
  createPasswordResetOptions(): Awaitable<PasswordResetModuleOptions>;
}

/** One of `useFactory`, `useClass` and `useExisting`, as for other modules of Nest. */
export interface PasswordResetModuleAsyncOptions {
  /** Modules whose providers are injected. */
  readonly imports?: DynamicModule["imports"];
  /** What `useFactory` is called with. */
  readonly inject?: any[];
  /** Makes the options, or a promise of them. */
  readonly useFactory?: (...injected: any[]) => Awaitable<PasswordResetModuleOptions>;
  /** A class to instantiate, which makes the options. */
  readonly useClass?: Type<PasswordResetOptionsFactory>;
  /** A provider that makes the options. */
  readonly useExisting?: Type<PasswordResetOptionsFactory>;
}

/** The token of the engine, for modules that import this one. */
export const PASSWORD_RESET = Symbol("PASSWORD_RESET");

/** `constructor(@InjectPasswordReset() private readonly reset: PasswordReset<User>) {}` */
export const InjectPasswordReset = (): ReturnType<typeof Inject> => Inject(PASSWORD_RESET);

/**
 * A module for NestJS 10, 11, and 12, on Express and on Fastify: `imports: [PasswordResetModule.forRoot({ reset })]`.
 *
 * It stands where middlewares do: behind the global prefix and CORS, and before guards, pipes, interceptors
 * and filters, so that no guard locks out those who cannot log in. The worker starts with the application,
 * and `onModuleDestroy` waits for what it holds.
 */
export class PasswordResetModule {
  readonly #mounting: Mounting;

  constructor(mounting: Mounting) {
    this.#mounting = mounting;
  }

  /** Throws a `TypeError` for an option that cannot work. */
  static forRoot(options: PasswordResetModuleOptions): DynamicModule {
    return moduleOf([{ provide: MOUNTING, useValue: mountingOf(options) }]);
  }

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

/** Options that were checked. */
interface Mounting {
  readonly reset: PasswordReset;
  readonly work: boolean;
  /** Patterns of the paths that may be ours. */
  readonly routes: readonly string[];
  readonly middleware: (req: NestRequest, res: ServerResponse, next: () => void) => void;
}

const MOUNTING = Symbol("PASSWORD_RESET_MOUNTING");

// As the decorator of the constructor's parameter, which not every compiler knows.
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

/** Of names alone: a pattern with a star in it is written in another way in Nest 10 than in those after it. */
function routesOf(path: string, paths: HandlerOptions["paths"]): readonly string[] {
  const depths = Object.values({ ...paths, docs: "docs" }).map((one) => one.split("/").length);
  const parts = Array.from({ length: Math.max(...depths) }, (_, index) => `:part${index}`);
  return [path, ...parts.map((_, index) => [path, ...parts.slice(0, index + 1)].join("/"))];
}

/** What is needed of Express's request, and of what Nest hands to middlewares on Fastify. */
interface NestRequest extends IncomingMessage {
  /** Whole, where `url` has lost what matched. */
  readonly originalUrl?: string;
  readonly body?: unknown;
}

function middlewareOf(handler: PlainHandler, path: string): Mounting["middleware"] {
  const own = path.replaceAll(".", "\\.").replace(/:[^/]+/g, "[^/?#]+");
  // The global prefix and a version come before it, and Nest does not say how long they are.
  const mount = new RegExp(`^(?:/[^/?#]*)*?/${own}(?=[/?#]|$)`);
  return (req, res, next) => {
    const target = relativeTarget(req.originalUrl ?? req.url ?? "/");
    const mountedAt = mount.exec(target)?.[0];
    if (mountedAt === undefined) return next();
    const below = target.slice(mountedAt.length);
    void answerNode(handler, req, res, { mountedAt, target: below, body: req.body, next });
  };
}
