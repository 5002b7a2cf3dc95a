/**
 * Scheduled work, for platforms without long-running processes.
 *
 * @module
 */
import { digest, equal } from "#crypto";
import { assertKnownKeys, UsageError } from "../check-options.js";
import { utf8 } from "../crypto/encoding.js";
import { milliseconds } from "../duration.js";
import { consoleLog, describeError } from "../runtime/log.js";
import type { Duration, Handler, HttpRequest, HttpResponse, Log, PasswordReset } from "../types.js";
import { fromRequest, toResponse } from "./fetch.js";

/** The options of `cronHandler()`. */
export interface CronHandlerOptions {
  /**
   * What the scheduler sends as `Authorization: Bearer …`: at least 16 characters. Vercel sends the value of the environment
   * variable `CRON_SECRET`. To rotate it, pass a list: each is accepted.
   */
  readonly secret: string | readonly string[];
  /**
   * When it stops taking work off the queue. Set it below the platform's own limit.
   *
   * @default "25s"
   */
  readonly timeLimit?: Duration;
  /**
   * Where failures are logged.
   *
   * @default console
   */
  readonly log?: Log;
}

/**
 * Creates a handler that does what's due: sends queued emails, retries what failed, and removes what has expired. It's
 * for a scheduler that calls a URL, such as Vercel Cron; it responds to `GET` and `POST` on every path that it's
 * mounted at.
 *
 * It responds with 200 and `{"status":"OK","complete":true}`. `complete` is false if the time ran out; the next call
 * continues. Without the secret, it responds with 401, and if the store can't be reached, with 503.
 *
 * @throws {TypeError} If the secret is missing or short.
 * @example
 * ```ts
 * export const GET = cronHandler(reset, { secret: process.env.CRON_SECRET! });
 * ```
 */
export function cronHandler(reset: PasswordReset, options: CronHandlerOptions): Handler {
  assertKnownKeys(options, ["secret", "timeLimit", "log"], "cronHandler()");
  const { log = consoleLog } = options;
  const secrets = checkedSecrets(options.secret);
  const limit = milliseconds(options.timeLimit ?? "25s", "timeLimit");

  const plain = async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== "GET" && request.method !== "POST") {
      return json(405, { detail: "Use GET or POST." }, { allow: "GET, POST" });
    }
    if (!(await isAuthorized(request, secrets))) {
      return json(
        401,
        { detail: "The scheduler's secret is missing or wrong." },
        { "www-authenticate": "Bearer" },
      );
    }
    try {
      return json(200, { status: "OK", complete: await doWork(reset, { limit, log }) });
    } catch (error) {
      logFailure(log, error);
      return json(503, { detail: "Temporarily unavailable. Nothing was lost." }, { "retry-after": "60" });
    }
  };
  const handler = async (request: Request) => toResponse(await plain(fromRequest(request)));
  return Object.assign(handler, { plain });
}

/**
 * Whether all that was due was done before the time ran out. What's in progress then ends by itself, or with its lease.
 */
async function doWork(reset: PasswordReset, { limit, log }: { limit: number; log: Log }): Promise<boolean> {
  const ending = new AbortController();
  const { signal } = ending;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      ending.abort();
      resolve(false);
    }, limit);
  });
  const work = (async () => {
    await reset.drain({ signal });
    if (!signal.aborted) await reset.clearExpired({ signal });
    return !signal.aborted;
  })();
  try {
    const isComplete = await Promise.race([work, late]);
    if (signal.aborted) work.catch((error: unknown) => logFailure(log, error));
    return isComplete;
  } finally {
    clearTimeout(timer);
  }
}

function logFailure(log: Log, error: unknown): void {
  log.error(`Scheduled work failed: ${describeError(error)}. The next call tries again.`);
}

/** Hashes have one length, so the comparison takes the same time for every secret. */
async function isAuthorized(request: HttpRequest, secrets: readonly string[]): Promise<boolean> {
  const [, given] = /^Bearer +(.{1,1024})$/i.exec(request.header("authorization") ?? "") ?? [];
  const shown = await digest("sha256", utf8(given ?? ""));
  let isRight = false;
  for (const secret of secrets) {
    if (equal(shown, await digest("sha256", utf8(secret)))) isRight = true;
  }
  return isRight;
}

function checkedSecrets(given: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const secret of list) {
    if (typeof secret === "string" && /^[!-~][ -~]{14,1022}[!-~]$/.test(secret)) continue;
    throw new UsageError(
      `cronHandler()'s secret ${whatIsWrongWith(secret)}. Pass 16 to 1,024 random characters, such as process.env.CRON_SECRET; npx resetkit secret prints one.`,
    );
  }
  if (list.length === 0) throw new UsageError("cronHandler()'s secret is an empty array. Pass a secret.");
  return list as readonly string[];
}

function whatIsWrongWith(secret: unknown): string {
  if (typeof secret !== "string") return `is ${secret === undefined ? "missing" : `a ${typeof secret}`}`;
  if (secret.length < 16 || secret.length > 1_024) return `has ${secret.length} characters`;
  // A secret that was read from a file often ends with a line break, which no header can contain.
  return "has a line break, a space at its end, or a character outside ASCII, which a header can't transport";
}

function json(status: number, value: object, more: HttpResponse["headers"] = {}): HttpResponse {
  const headers = { "content-type": "application/json", "cache-control": "no-store", ...more };
  return { status, headers, body: JSON.stringify(value) };
}
