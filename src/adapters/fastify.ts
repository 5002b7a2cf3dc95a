import { UsageError } from "../check-options.js";
import type { IncomingMessage, ServerResponse } from "node:http";
import { utf8 } from "../crypto/encoding.js";
import { defaultBase, toHandler, type HandlerOptions } from "../http/handler.js";
import type { HttpResponse, PasswordReset, PlainHandler } from "../types.js";
import { answerNode, relativeTarget } from "./node-bridge.js";
import { mountOf } from "./shared/mount.js";

/** The part of Fastify 5's instance that the adapter uses. */
export interface FastifyApp {
  readonly prefix: string;
  all(path: string, handler: (request: FastifyRequest, reply: FastifyReply) => void): unknown;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: "*",
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  setErrorHandler(handler: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void): unknown;
}

export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}

export interface FastifyReply {
  readonly raw: ServerResponse;
  getHeader(name: string): unknown;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  header(name: string, value: unknown): unknown;
  code(status: number): unknown;
  send(body: Uint8Array): unknown;
  callNotFound(): unknown;
}

export interface ResetPluginOptions<R = any> extends Omit<HandlerOptions<R>, "basePath"> {
  /** What `passwordReset()` returned. */
  readonly reset: PasswordReset | PlainHandler;
  /**
   * Path of the endpoints, below the prefixes of the plugins around it.
   *
   * @default "/api/password_reset"
   */
  readonly prefix?: string;
}

/**
 * A plugin for Fastify 5: `app.register(resetPlugin, { reset, prefix: "/api/password_reset" })`.
 *
 * It reads bodies itself, so that it accepts forms as well as JSON and `limits` applies. Parsers that the application has
 * added still serve its other routes. Hooks run as for any route, and headers that they set are sent. Only a response to
 * an incomplete request, such as one that's too large, bypasses `onSend`.
 */
export async function resetPlugin<R = any>(app: FastifyApp, given: ResetPluginOptions<R>): Promise<void> {
  const { reset, prefix, logLevel: _, logSerializers: __, ...options } = given as FastifyOptions<R>;
  if ("basePath" in options) {
    throw new UsageError("resetPlugin has no option basePath. Pass prefix, which does the same in Fastify.");
  }
  const handler = toHandler(reset, Object.keys(options).length > 0 ? options : undefined);
  const base = prefix === undefined ? defaultBase : "";
  const pattern = app.prefix + base;

  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    const target = relativeTarget(request.raw.url ?? "/");
    const mountedAt = mountOf(pattern, target);
    void answerNode(handler, request.raw, reply.raw, {
      mountedAt,
      target: target.slice(mountedAt.length),
      body: request.body,
      raw: request,
      send: (response) => sendBy(reply, response),
      next: () => void reply.callNotFound(),
    });
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  // Fastify rejects an invalid content type before any parser runs. Send the same response as every other adapter.
  app.setErrorHandler((error, request, reply) => {
    if ((error as { readonly code?: unknown } | null)?.code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE") throw error;
    answer(request, reply);
  });
  app.all(base || "/", answer);
  app.all(`${base}/*`, answer);
}

/** Fastify appends cookies and replaces any other header, so `Vary` is merged here. */
function sendBy(reply: FastifyReply, { status, headers, body }: HttpResponse): void {
  const earlier = reply.getHeader("vary");
  for (const name in headers) reply.header(name, headers[name]);
  if (earlier !== undefined) reply.header("vary", [earlier, headers["vary"] ?? []].flat().join(", "));
  reply.code(status);
  // As bytes: Fastify adds a charset to the content type of a string.
  reply.send(utf8(body));
}

/** The options of `register` that Fastify itself uses. */
interface FastifyOptions<R> extends ResetPluginOptions<R> {
  readonly logLevel?: unknown;
  readonly logSerializers?: unknown;
}
