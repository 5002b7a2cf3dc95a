/**
 * From Node's requests to the plain shape and back: what adapters of Node's frameworks share.
 *
 * No published bridge survives all of what a library meets inside other people's servers: bodies that a
 * parser has read, forged hosts, absolute targets, clients that hang up, errors that are thrown.
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

/** What a framework knows better than the bare request. */
export interface Framing {
  /** Where the handler is mounted, as the client wrote it; empty at the root. */
  readonly mountedAt?: string | undefined;
  /** The target below that; default: the request's own. */
  readonly target?: string | undefined;
  /** What a body parser made of the body, where one has read it. */
  readonly body?: unknown;
  readonly context?: ResetContext | undefined;
  /** What callbacks of the application get. Default: Node's request. */
  readonly raw?: unknown;
  /**
   * Sends a response by the framework's own means, so that its hooks see it. Called if all of the request has arrived;
   * otherwise the bridge sends it, since the connection has to be closed with care.
   */
  readonly send?: ((response: HttpResponse) => void) | undefined;
  /** Called where the path is not ours. Default: it is answered by a 404. */
  readonly next?: (() => Awaitable<void>) | undefined;
}

/** Answers a request of Node's `http`, `https` or `http2`. Rejects only where `next` throws. */
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
  // What is on its way may be here by then: only a body that is not is worth a connection.
  if (!hasArrived(req) && (!req.readableDidRead || req.isPaused())) req.resume();
  // The answers of one turn are written together, when all that came in with it has been worked on. A write wakes
  // the process that waits for it, and the next request finds neither its code nor its data in the caches: to write in
  // between costs a server under load a quarter of its time (docs/decisions/087-answers-at-the-end-of-a-turn.md).
  await yieldToEventLoop();
  if (res.headersSent || res.destroyed) return;
  if (framing.send && response && hasArrived(req)) framing.send(response);
  else send(req, res, response ?? notFound);
}

/**
 * Whether the client has disconnected. Its IP address is then unknown, and a request without one
 * passes a rate limit by IP address: a client that resets connections fast enough wouldn't be counted. (A socket in the
 * file system has neither address nor port, and is served.)
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
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: (limits) => readBody(req, framing.body, limits),
    raw: framing.raw ?? req,
  };
}

/** A target may name a host (RFC 9112 §3.2.2). That is the client's word, and is dropped. */
export function relativeTarget(target: string): string {
  if (target.startsWith("/")) return target;
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#]*(.*)$/is.exec(target)?.[1] || "/";
}

function readBody(req: IncomingMessage, parsed: unknown, limits: BodyLimits): Awaitable<HttpBody> {
  // Not `parsed !== undefined`: Express 4 sets `{}` if no parser has read the body.
  if (!req.readableDidRead) return readArrived(req, limits);
  if (parsed === undefined) {
    throw new UsageError(
      "The body was read before resetkit received the request, and req.body has nothing of it. Mount resetkit before the middleware that reads it.",
    );
  }
  const bytes = typeof parsed === "string" ? utf8(parsed) : parsed;
  if (!(bytes instanceof Uint8Array)) return { kind: "parsed", value: parsed };
  if (bytes.length > limits.maxBytes) throw new ResetError("body_too_large");
  return { kind: "bytes", bytes };
}

/** Most bodies come with the headers: one that is here as a whole needs no listeners, and no clock. */
export async function readArrived(req: IncomingMessage, limits: BodyLimits): Promise<HttpBody> {
  // The parser is on the stack still, and goes on to the body when this function has given way.
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
    // The connection that is waited for keeps the process alive, and nothing else should.
    const timer = setTimeout(() => fail("body_timeout"), timeout).unref();
    // Listeners are left on a request that lives no longer than its answer: taking them off costs more.
    let isOver = false;
    // By code: an error is made only where one is thrown, and its stack costs as much as two looks at a table.
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
  // One object of one shape: spreading here cost as much as checking a token.
  const fields: OutgoingHttpHeaders = {};
  for (const name in headers) fields[name] = headers[name] as string | string[];
  // `writeHead` would replace what earlier middleware has set; these two are lists, and belong to everyone.
  for (const name of lists) {
    const earlier = res.getHeader(name);
    if (earlier !== undefined) fields[name] = [earlier, fields[name] ?? []].flat() as string[];
  }
  // What a HEAD would have got is not known here.
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

/** The length in UTF-8; nearly all answers are ASCII. */
function byteLength(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 127) return utf8(text).length;
  }
  return text.length;
}

/** Whether all of a request is here. HTTP/2 ends single streams by itself. */
function hasArrived({ complete, readableEnded, headers, httpVersionMajor }: IncomingMessage): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  // A request that no parser made, such as of Fastify's `inject`, never says that it's complete.
  return complete || readableEnded || !hasBody || httpVersionMajor > 1;
}

/**
 * Ends a connection whose request is still arriving. Closing at once would make the system reset it, and
 * the client would lose the answer that it has not read yet; so what comes is thrown away for a while.
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
