import { UsageError } from "../check-options.js";
import type { IncomingMessage, ServerResponse } from "node:http";
import { utf8 } from "../crypto/encoding.js";
import { defaultBase, toHandler, type HandlerOptions } from "../http/handler.js";
import type { HttpResponse, PasswordReset, PlainHandler } from "../types.js";
import { answerNode, relativeTarget } from "./node-bridge.js";
import { mountOf } from "./shared/mount.js";

/** What is needed of Fastify's instance, version 5. */
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
  /** Where it answers, below the prefixes of the plugins around it. Default `"/api/password_reset"`. */
  readonly prefix?: string;
}

/**
 * A plugin for Fastify 5: `app.register(resetPlugin, { reset, prefix: "/api/password_reset" })`.
 *
 * It reads bodies itself, so that forms are read as well as JSON and `limits` hold; parsers that the
 * application has added go on to serve its other routes. Hooks run as for any route, and headers that they set are sent.
 * Only a response to a request that hasn't arrived as a whole, such as one that's too large, bypasses `onSend`.
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
  // Fastify rejects an invalid type before any parser runs: respond to that as everywhere else, too.
  app.setErrorHandler((error, request, reply) => {
    if ((error as { readonly code?: unknown } | null)?.code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE") throw error;
    answer(request, reply);
  });
  app.all(base || "/", answer);
  app.all(`${base}/*`, answer);
}

/** Fastify adds to the cookies that are there, and replaces any other header. */
function sendBy(reply: FastifyReply, { status, headers, body }: HttpResponse): void {
  const earlier = reply.getHeader("vary");
  for (const name in headers) reply.header(name, headers[name]);
  if (earlier !== undefined) reply.header("vary", [earlier, headers["vary"] ?? []].flat().join(", "));
  reply.code(status);
  // As bytes: to the content type of a text, Fastify would add a character set.
  reply.send(utf8(body));
}

/** What Fastify itself takes from the options of `register`. */
interface FastifyOptions<R> extends ResetPluginOptions<R> {
  readonly logLevel?: unknown;
  readonly logSerializers?: unknown;
}
