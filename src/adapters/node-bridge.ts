/**
 * Converts Node's requests to plain requests, and plain responses back. Shared by the adapters of Node frameworks.
 *
 * No published bridge handles everything that a library meets in other people's servers: bodies that a parser has already
 * read, forged hosts, absolute request targets, clients that disconnect, and thrown errors.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { utf8 } from "../crypto/encoding.js";
import { ResetError, type ErrorCode } from "../errors.js";
import { notFound } from "../http/answers.js";
import { joinBytes } from "../http/fetch.js";
import { lingering } from "../http/lingering-close.js";
import { yieldToEventLoop } from "../runtime/event-loop.js";
import type {
  Awaitable,
  BodyLimits,
  HttpBody,
  HttpRequest,
  HttpResponse,
  PlainHandler,
  ResetContext,
} from "../types.js";

/** What the framework knows in addition to Node's request. */
export interface Framing {
  /** The path that the handler is mounted at, as the client wrote it; empty at the root. */
  readonly mountedAt?: string | undefined;
  /** The request target below the mount. Default: the request's own target. */
  readonly target?: string | undefined;
  /** The parsed body, if a body parser has read it. */
  readonly body?: unknown;
  readonly context?: ResetContext | undefined;
  /** The request that the application's callbacks receive. Default: Node's request. */
  readonly raw?: unknown;
  /**
   * Sends a response through the framework, so that its hooks see it. Called only if the whole request has arrived.
   * Otherwise the bridge sends the response, since it has to close the connection without losing it.
   */
  readonly send?: ((response: HttpResponse) => void) | undefined;
  /** Called if the path isn't one of the handler's. Default: the response is a 404. */
  readonly next?: (() => Awaitable<void>) | undefined;
}

/** Responds to a request of Node's `http`, `https`, or `http2`. Rejects only if `next` throws. */
export async function answerNode(
  handler: PlainHandler,
  req: IncomingMessage,
  res: ServerResponse,
  framing: Framing = {},
): Promise<void> {
  if (isGone(req)) return;
  const { mountedAt = "", next } = framing;
  const response = await handler.plain(toHttpRequest(req, framing), framing.context, mountedAt);
  if (!response && next) return next();
  // Start reading the rest of the body now. It may arrive before the response is sent, and then the connection can stay.
  if (!hasArrived(req) && (!req.readableDidRead || req.isPaused())) req.resume();
  // Write the responses of one turn of the event loop together, after all its requests have been handled. A write wakes
  // the process that waits for it, which evicts this one's code and data from the CPU caches. Writing in between cost a
  // server under load a quarter of its time (docs/decisions/087-answers-at-the-end-of-a-turn.md).
  await yieldToEventLoop();
  if (res.headersSent || res.destroyed) return;
  if (framing.send && response && hasArrived(req)) framing.send(response);
  else send(req, res, response ?? notFound);
}

/**
 * Whether the client has disconnected. Its IP address is then unknown, and a request without one isn't counted by a rate
 * limit by IP address. A client that resets its connections fast enough would bypass the limit. (A Unix domain socket has
 * neither address nor port, and is served.)
 */
export function isGone({ socket }: IncomingMessage): boolean {
  return socket.remoteAddress === undefined && (socket.destroyed || socket.localPort !== undefined);
}

function toHttpRequest(req: IncomingMessage, framing: Framing): HttpRequest {
  const target = relativeTarget(framing.target ?? req.url ?? "/");
  const end = target.search(/[?#]/);
  const below = end < 0 ? target : target.slice(0, end);
  return {
    method: req.method ?? "GET",
    path: framing.mountedAt ? framing.mountedAt + below : below,
    query: target[end] === "?" ? target.slice(end + 1) : "",
    ip: req.socket.remoteAddress,
    header(name) {
      // HTTP/2 names the host by a pseudo-header (RFC 9113 §8.3.1).
      const value = req.headers[name] ?? (name === "host" ? req.headers[":authority"] : undefined);
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: (limits) => readBody(req, framing.body, limits),
    raw: framing.raw ?? req,
  };
}

/** Removes the host that a request target may contain (RFC 9112 §3.2.2), since the client can forge it. */
export function relativeTarget(target: string): string {
  if (target.startsWith("/")) return target;
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#]*(.*)$/is.exec(target)?.[1] || "/";
}

function readBody(req: IncomingMessage, parsed: unknown, limits: BodyLimits): Awaitable<HttpBody> {
  // Not `parsed !== undefined`: Express 4 sets `{}` if no parser has read the body.
  if (!req.readableDidRead) return readArrived(req, limits);
  if (parsed === undefined) {
    throw new UsageError(
      "The body was read before resetkit received the request, and req.body is undefined. Mount resetkit before the middleware that reads it.",
    );
  }
  const bytes = typeof parsed === "string" ? utf8(parsed) : parsed;
  if (!(bytes instanceof Uint8Array)) return { kind: "parsed", value: parsed };
  if (bytes.length > limits.maxBytes) throw new ResetError("body_too_large");
  return { kind: "bytes", bytes };
}

/** Most bodies arrive with the headers. One that has arrived completely needs no listeners and no timer. */
export async function readArrived(req: IncomingMessage, limits: BodyLimits): Promise<HttpBody> {
  // The HTTP parser is still on the stack. It continues to the body once this function yields.
  await undefined;
  const size = Number(req.headers["content-length"]);
  const isHere = size > 0 && req.readableLength === size && req.readableEncoding === null;
  if (isHere && size <= limits.maxBytes) return { kind: "bytes", bytes: req.read() as Uint8Array };
  return readStream(req, limits);
}

function readStream(req: IncomingMessage, { maxBytes, timeout }: BodyLimits): Promise<HttpBody> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    // The connection already keeps the process alive; the timer shouldn't.
    const timer = setTimeout(() => fail("body_timeout"), timeout).unref();
    // The listeners are never removed: the request lives no longer than its response, and removing them costs more.
    let isOver = false;
    // Takes a code, so that an error is created only if it's thrown: its stack trace costs as much as two table lookups.
    const fail = (code: ErrorCode) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      req.pause();
      reject(new ResetError(code));
    };
    const onData = (chunk: Uint8Array | string) => {
      if (isOver) return;
      const bytes = typeof chunk === "string" ? utf8(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) fail("body_too_large");
      else chunks.push(bytes);
    };
    const onEnd = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve({ kind: "bytes", bytes: joinBytes(chunks, size) });
    };
    // The client has disconnected, so no one reads the response.
    const onLost = () => fail("malformed_body");

    if (req.readableEnded) return onEnd();
    if (req.destroyed) return onLost();
    if (Number(req.headers["content-length"]) > maxBytes) return fail("body_too_large");
    req.on("data", onData).on("end", onEnd).on("error", onLost).on("close", onLost);
  });
}

function send(req: IncomingMessage, res: ServerResponse, { status, headers, body }: HttpResponse): void {
  // Fill one object in a loop: spreading here cost as much as checking a token.
  const fields: OutgoingHttpHeaders = {};
  for (const name in headers) fields[name] = headers[name] as string | string[];
  // `writeHead` would replace what earlier middleware has set. These headers are lists that everyone adds to.
  for (const name of lists) {
    const earlier = res.getHeader(name);
    if (earlier !== undefined) fields[name] = [earlier, fields[name] ?? []].flat() as string[];
  }
  // For a HEAD request, the length of the body that a GET would get isn't known here.
  if (req.method !== "HEAD") fields["content-length"] = byteLength(body);
  if (hasArrived(req)) {
    res.writeHead(status, fields).end(body);
    return;
  }
  fields["connection"] = "close";
  res.writeHead(status, fields).flushHeaders();
  res.write(body);
  hangUpAfterReading(req, res);
}

/** Headers that every part of an application adds to. */
const lists: readonly string[] = ["set-cookie", "vary"];

/** The length in UTF-8. Fast for ASCII, which nearly all responses are. */
function byteLength(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 127) return utf8(text).length;
  }
  return text.length;
}

/** Whether the whole request has arrived. Always true for HTTP/2, which closes single streams by itself. */
function hasArrived({ complete, readableEnded, headers, httpVersionMajor }: IncomingMessage): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  // `complete` is never set on a request that didn't come from Node's parser, such as one of Fastify's `inject`.
  return complete || readableEnded || !hasBody || httpVersionMajor > 1;
}

/**
 * Closes a connection whose request is still arriving. If it closed immediately, the system would reset the connection,
 * and the client would lose the response that it hasn't read yet. So it discards incoming data for a while first.
 */
function hangUpAfterReading(req: IncomingMessage, res: ServerResponse): void {
  let left = lingering.bytes;
  const hangUp = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(hangUp, lingering.milliseconds);
  req.on("end", hangUp).on("close", hangUp);
  req.on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) hangUp();
  });
  req.resume();
}
