import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { headersOf } from "../html/headers.js";
import { rightToLeft, style } from "../html/style.js";
import type { Gate } from "../http/gate.js";
import { createLanguages, type Languages } from "../locales/lookup.js";
import type { Sentences } from "../locales/en.js";
import { createVisitor, type Visitor, type VisitorOptions } from "../http/visitor.js";
import { consoleLog } from "../runtime/log.js";
import type { Awaitable, HttpRequest, Log, PasswordReset, ResetContext } from "../types.js";
import { checkedBase, checkedSecure, checkedStyle, isOwnKind } from "./base-url.js";

/** The options of `htmlPages()`. `U` is your user, `R` the framework's own request. */
export interface PagesOptions<U = any, R = any> extends VisitorOptions {
  /**
   * Path of the page for requesting a reset.
   *
   * @default "/forgot-password"
   */
  readonly ask?: string;
  /**
   * Path that reset links lead to: the engine's `url` is this path, a slash, and `{token}`.
   *
   * @default the path of the engine's `url`, if that is a string that ends with `/{token}`; otherwise `"/reset-password"`
   */
  readonly choose?: string;
  /**
   * Your sign-in page: a path, or an https URL.
   *
   * @default "/login"
   */
  readonly login?: string;
  /** Your site as browsers see it, such as `"https://app.example.com"`. Forms sent from another origin are rejected. */
  readonly baseUrl?: string;
  /**
   * Whether cookies are sent over https only.
   *
   * @default true, unless `baseUrl` is http on a loopback address
   */
  readonly secure?: boolean;
  /** Shown above every page, and in its title. */
  readonly appName?: string;
  /**
   * The kind of identifier that users type: `"email"` for email addresses, `"text"` for usernames and phone numbers.
   *
   * @default "email"
   */
  readonly format?: "email" | "text";
  /**
   * The name of that field in the form.
   *
   * @default "email"
   */
  readonly field?: string;
  /**
   * The label of that field.
   *
   * @default "Email" or "Username", in the user's language
   */
  readonly label?: string;
  /**
   * The identifier that a user signs in with. The page shows it masked, and password managers get it in full.
   *
   * @default user.email
   */
  readonly identifierOf?: (user: U) => string | undefined;
  /**
   * Whether one-time codes can be entered, at `{choose}/code`. For tokens that come with a code.
   *
   * @default false
   */
  readonly codes?: boolean;
  /**
   * Whether `/.well-known/change-password` redirects to `ask` (W3C).
   *
   * @default true
   */
  readonly wellKnown?: boolean;
  /**
   * Languages in addition to English and German, such as `[fr, ar]`: imported from `resetkit/locales/…`, or your own. A
   * language with the tag of a built-in one replaces it. The best match for `Accept-Language` is used (RFC 4647).
   *
   * @default []
   */
  readonly locales?: readonly Sentences[];
  /** Your own CSS rules, after the built-in ones. Images and fonts stay blocked. */
  readonly style?: string;
  /** Request metadata for the engine: the tenant, and data for `deliver`. The same option as in `createHandler`. */
  readonly context?: (request: R) => Awaitable<ResetContext | undefined | void>;
  /** Can reject a form before it counts toward a rate limit. The same option as in `createHandler`; pass the same function to both. */
  readonly gate?: Gate<R>;
  /**
   * Where failures of these pages are logged.
   *
   * @default console
   */
  readonly log?: Log;
}

/** The options, checked, with their defaults. */
export interface Site<U = any> {
  readonly reset: PasswordReset<U>;
  readonly paths: {
    readonly ask: string;
    readonly sent: string;
    readonly choose: string;
    readonly code: string;
    readonly done: string;
  };
  readonly login: string;
  readonly origin: string | undefined;
  /** The path of `baseUrl`, below which browsers see the pages; empty if it has none. */
  readonly basePath: string;
  readonly secure: boolean;
  readonly appName: string | undefined;
  readonly format: "email" | "text";
  readonly field: string;
  readonly label: string | undefined;
  readonly codes: boolean;
  readonly wellKnown: boolean;
  readonly style: string;
  readonly log: Log;
  /** For every response. See html/headers.ts. */
  headers(): Promise<Readonly<Record<string, string>>>;
  identifierOf(user: U): string | undefined;
  readonly gate: Gate | undefined;
  /** The application's part of the context. */
  contextOf(request: HttpRequest): Awaitable<ResetContext | undefined | void>;
  readonly visitorOf: Visitor;
  readonly languages: Languages;
}

const optionNames = [
  "ask",
  "choose",
  "login",
  "baseUrl",
  "secure",
  "appName",
  "format",
  "field",
  "label",
  "identifierOf",
  "codes",
  "wellKnown",
  "locales",
  "style",
  "context",
  "gate",
  "log",
  "ipHeader",
  "userAgentHeader",
  "trustProxy",
] as const;

/** Throws a `TypeError` for options that can't work. */
export function createSite<U>(reset: PasswordReset<U>, options: PagesOptions<U>): Site<U> {
  assertKnownKeys(options, optionNames, "htmlPages()");
  const { appName, field = "email", label, codes = false, wellKnown = true, log = consoleLog } = options;
  const ask = checkedPath(options.ask ?? "/forgot-password", "ask");
  const base = options.baseUrl === undefined ? undefined : checkedBase(options.baseUrl);
  const origin = base?.origin;
  const basePath = base?.pathname.replace(/\/+$/, "") ?? "";
  const choose = checkedPath(options.choose ?? pathOfLinks(reset, basePath) ?? "/reset-password", "choose");
  if (ask === choose) {
    throw new UsageError(`ask and choose are both "${ask}". Use a different path for each.`);
  }
  const secure = checkedSecure(options.secure, origin);
  const format = options.format ?? "email";
  if (format !== "email" && format !== "text") {
    throw new UsageError(`format is ${JSON.stringify(format)}. Use "email" or "text".`);
  }
  const identifierOf = options.identifierOf ?? emailOf;
  assertFunction(identifierOf, "identifierOf", "pass a function of the user, such as (user) => user.name");
  const { context, gate } = options;
  if (context !== undefined) assertFunction(context, "context", "pass a function of the request");
  if (gate !== undefined) assertFunction(gate, "gate", "pass a function of the attempt");
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(field) || field === "code" || field === "form_token") {
    throw new UsageError(`field is "${field}". Use the name of a form field, such as "email" or "username".`);
  }
  const languages = createLanguages(options.locales, "htmlPages()");
  const ours = style + (options.locales?.some(isRightToLeft) ? rightToLeft : "");
  const css = checkedStyle(ours, options.style);
  checkFit(reset, { choose, origin, basePath, log });
  const vary = languages.vary && { vary: languages.vary };
  let headers: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    reset,
    paths: { ask, sent: `${ask}/sent`, choose, code: `${choose}/code`, done: `${choose}/done` },
    login: checkedLogin(options.login ?? "/login"),
    origin,
    basePath,
    secure,
    appName,
    format,
    field,
    label,
    codes,
    wellKnown,
    style: css,
    log,
    headers: () => (headers ??= headersOf(css, secure).then((all) => ({ ...all, ...vary }))),
    identifierOf,
    gate,
    contextOf: (request) => context?.(request.raw ?? request),
    visitorOf: createVisitor(options, log, languages),
    languages,
  };
}

function isRightToLeft({ direction }: Sentences): boolean {
  return direction === "rtl";
}

function emailOf(user: unknown): string | undefined {
  const { email } = user as { email?: unknown };
  return typeof email === "string" ? email : undefined;
}

function isPath(path: unknown): path is string {
  return typeof path === "string" && /^(?:\/[\w.~-]+)+$/.test(path);
}

function checkedPath(path: unknown, option: string): string {
  if (isPath(path)) return path;
  throw new UsageError(
    `${option} is ${JSON.stringify(path)}. Use a path such as "/account/${option}", without a trailing slash.`,
  );
}

/** The engine's `url`, if it's a string. */
function urlOf(reset: object): string | undefined {
  const url = (reset as Record<symbol, unknown> | undefined)?.[Symbol.for("resetkit.url")];
  return typeof url === "string" ? url : undefined;
}

/** The path below `basePath` that links lead to, if the pages can be mounted there. */
function pathOfLinks(reset: object, basePath: string): string | undefined {
  const path = /^https?:\/\/[^/?#]+(\/[^?#]*)\/\{token\}$/.exec(urlOf(reset) ?? "")?.[1];
  if (path === undefined || !path.startsWith(`${basePath}/`)) return undefined;
  const below = path.slice(basePath.length);
  return isPath(below) ? below : undefined;
}

/** Warns if the engine's `url` doesn't lead to the page that opens links, since every link would then be dead. */
function checkFit(
  reset: object,
  { choose, origin, basePath, log }: Pick<Site, "origin" | "basePath" | "log"> & { choose: string },
): void {
  const url = urlOf(reset);
  if (url === undefined) return;
  const isFitting = url.endsWith(`${basePath}${choose}/{token}`);
  if (isFitting && (origin === undefined || new URL(url).origin === origin)) return;
  const right = `${origin ?? new URL(url).origin}${basePath}${choose}/{token}`;
  log.warn(
    `Links lead to ${url}, but htmlPages() opens them at ${right}. Set the engine's url to that, or change choose and baseUrl to match it.`,
  );
}

/** A path but not `//host`, or an https URL: the link must not run a script or lead to another site by accident. */
function checkedLogin(login: unknown): string {
  if (typeof login === "string") {
    if (/^\/(?![/\\])/.test(login) && !/[\s\\]/.test(login)) return login;
    if (URL.canParse(login) && isOwnKind(new URL(login))) return login;
  }
  throw new UsageError(
    `login is ${JSON.stringify(login)}. Use the path or the https URL of your sign-in page.`,
  );
}
