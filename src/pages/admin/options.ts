import { assertFunction, assertKnownKeys, UsageError } from "../../check-options.js";
import { operationsOf } from "../../engine/inner.js";
import type { Operations } from "../../engine/operations.js";
import { headersOf } from "../../html/headers.js";
import { style } from "../../html/style.js";
import { createVisitor, type Visitor, type VisitorOptions } from "../../http/visitor.js";
import { describeError, consoleLog } from "../../runtime/log.js";
import type { Awaitable, HttpRequest, Log, PasswordReset } from "../../types.js";
import { checkedBase, checkedSecure, checkedStyle } from "../base-url.js";
import { adminStyle } from "./style.js";

/** The options of `adminPages()`. `R` is the framework's own request. */
export interface AdminPagesOptions<R = any> extends VisitorOptions {
  /**
   * Whether a request comes from an administrator: check your own session and role here. Called for every page and every
   * form. For anything but `true` or `{ name, scope }`, the response is the 404 of a missing page. The same goes for an
   * object with other properties, such as a whole user, and if the function throws; the log has the reason. Don't read the
   * request's body.
   */
  readonly authorize: (request: R) => Awaitable<boolean | Administrator | null | undefined>;
  /**
   * Where browsers see the pages, such as `"https://example.com/admin/resets"`. Without a path, or without `baseUrl`,
   * the path is `/admin`. Forms sent from another origin are rejected.
   */
  readonly baseUrl?: string;
  /**
   * Whether the form's cookie is sent over https only.
   *
   * @default true, unless `baseUrl` is http on a loopback address
   */
  readonly secure?: boolean;
  /** Shown above every page, and in its title. */
  readonly appName?: string;
  /** Your own CSS rules, after the built-in ones. */
  readonly style?: string;
  /**
   * Where failures of these pages are logged.
   *
   * @default console
   */
  readonly log?: Log;
}

/** What `authorize` may return instead of `true`. */
export interface Administrator {
  /** Becomes `by` in the event `adminAction`: an ID or a name. Choose one that your audit log may contain. */
  readonly name?: string | undefined;
  /** Limits the administrator to the accounts of one tenant. The queue, which all tenants share, is then hidden. */
  readonly scope?: string | undefined;
}

/** The options, checked, with their defaults. */
export interface AdminSite {
  readonly operations: () => Promise<Operations>;
  /** The administrator, or `null` for everyone else. Never rejects. */
  authorize(request: HttpRequest): Promise<Administrator | null>;
  readonly origin: string | undefined;
  /** The path of `baseUrl`; empty if it has none. */
  readonly basePath: string;
  readonly secure: boolean;
  readonly appName: string | undefined;
  readonly style: string;
  readonly log: Log;
  /** For every response. See html/headers.ts. */
  headers(): Promise<Readonly<Record<string, string>>>;
  readonly visitorOf: Visitor;
}

const optionNames = [
  "authorize",
  "baseUrl",
  "secure",
  "appName",
  "style",
  "log",
  "ipHeader",
  "userAgentHeader",
  "trustProxy",
] as const;

/** Throws a `TypeError` for options that can't work. */
export function createAdminSite(reset: PasswordReset, options: AdminPagesOptions): AdminSite {
  assertKnownKeys(options, optionNames, "adminPages()");
  const { authorize, appName, log = consoleLog } = options;
  assertFunction(
    authorize,
    "authorize",
    "pass a function of the request that returns true for an administrator, such as (request) => isAdmin(request)",
  );
  const base = options.baseUrl === undefined ? undefined : checkedBase(options.baseUrl);
  const secure = checkedSecure(options.secure, base?.origin);
  const css = checkedStyle(style + adminStyle, options.style);
  let headers: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    operations: operationsOf(reset, "adminPages()"),
    authorize: (request) => authorized(authorize, request, log),
    origin: base?.origin,
    basePath: base?.pathname.replace(/\/+$/, "") ?? "",
    secure,
    appName,
    style: css,
    log,
    headers: () => (headers ??= headersOf(css, secure)),
    visitorOf: createVisitor(options, log),
  };
}

async function authorized(
  authorize: AdminPagesOptions["authorize"],
  request: HttpRequest,
  log: Log,
): Promise<Administrator | null> {
  try {
    const verdict: unknown = await authorize(request.raw ?? request);
    if (verdict === true) return {};
    if (verdict === false || verdict === null || verdict === undefined) return null;
    if (typeof verdict === "object") return checkedAdministrator(verdict);
    throw new UsageError(`It returned a ${typeof verdict}. Return true, false, or { name, scope }.`);
  } catch (error) {
    log.error(`authorize failed, so an administrator's request got a 404: ${describeError(error)}`);
    return null;
  }
}

/** A whole user isn't accepted as an administrator: `(request) => request.user` would let every user in. */
function checkedAdministrator(given: object): Administrator {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [property, value] of known) {
    if ((property === "name" || property === "scope") && typeof value === "string") continue;
    throw new UsageError(
      `It returned an object with the property ${property}. Return true, false, or { name, scope } with nothing else, each a string.`,
    );
  }
  const { name, scope } = given as Administrator;
  return { name: name?.replace(/\p{C}/gu, "").slice(0, 200), scope };
}
