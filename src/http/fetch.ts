/**
 * The plain shape for runtimes that use `Request` and `Response`.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import { ResetError } from "../errors.js";
import type { BodyLimits, HttpBody, HttpRequest, HttpResponse } from "../types.js";
import { lingering } from "./lingering-close.js";

/** Converts a `Request`, without reading its body yet. */
export function fromRequest(request: Request, peer?: string): HttpRequest {
  const { path, query } = targetOf(request);
  return {
    method: request.method,
    path,
    query,
    ip: peer,
    // Over HTTP/2 the host is in the URL, and not every runtime adds the header.
    header: (name) => request.headers.get(name) ?? (name === "host" ? new URL(request.url).host : undefined),
    body: (limits) => readBody(request, limits),
    raw: request,
  };
}

/**
 * The target of a request. The host is whatever the client claims, so it's dropped. Runtimes write the full URL in one
 * way, and cutting it takes a quarter of the time that parsing a `URL` does.
 */
function targetOf({ url }: Request): Pick<HttpRequest, "path" | "query"> {
  const [, path = "", query = ""] = address.exec(url) ?? [];
  return { path: path || "/", query };
}

const address = /^[^:]*:\/\/[^/?#]*([^?#]*)(?:\?([^#]*))?/;

export function toResponse({ status, headers, body }: HttpResponse): Response {
  return new Response(body === "" ? null : body, { status, headers: fieldsOf(headers) });
}

/** The plain object if no header repeats: several servers then make no `Headers` at all. */
function fieldsOf(headers: HttpResponse["headers"]): HeadersInit {
  const fields = Object.entries(headers);
  if (fields.every(([, value]) => typeof value === "string")) return headers as Record<string, string>;
  return fields.flatMap(([name, value]) => [value].flat().map((each) => [name, each] as [string, string]));
}

/** Reads a body as it arrives. A declared length is trusted only if it's above the limit. */
async function readBody(request: Request, limits: BodyLimits): Promise<HttpBody> {
  const { body, bodyUsed } = openBody(request);
  if (bodyUsed) {
    throw new UsageError(
      "The body of the Request was read before resetkit received it. Pass request.clone(), or mount resetkit first.",
    );
  }
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBytes) {
    throw new ResetError("body_too_large");
  }
  if (!body) return { kind: "bytes", bytes: new Uint8Array() };
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ResetError("body_timeout")), limits.timeout);
  });
  try {
    return { kind: "bytes", bytes: await Promise.race([readAll(reader, limits.maxBytes), late]) };
  } catch (error) {
    void throwAway(reader);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Cancels a body, but not immediately: some servers would then cut the connection, and the client would lose the
 * response that it hasn't read yet. It isn't awaited, since a source that hangs may never settle.
 */
async function throwAway(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const cancel = () => reader.cancel().catch(() => undefined);
  const timer = setTimeout(() => void cancel(), lingering.milliseconds);
  let left = lingering.bytes;
  try {
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.length;
    }
    await cancel();
  } catch {
    // The client has hung up.
  } finally {
    clearTimeout(timer);
  }
}

/** A runtime may build the `Request` only now, and throw for a target such as `http://user:password@host/`. */
function openBody(request: Request): Pick<Request, "body" | "bodyUsed"> {
  try {
    return { bodyUsed: request.bodyUsed, body: request.body };
  } catch (cause) {
    throw new ResetError("malformed_body", { cause });
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(lost);
    if (done) return joinBytes(chunks, size);
    size += value.length;
    if (size > maxBytes) throw new ResetError("body_too_large");
    chunks.push(value);
  }
}

/** The client has disconnected, so no one reads the response. */
function lost(cause: unknown): never {
  throw new ResetError("malformed_body", { cause });
}

/** Joins all chunks, `size` bytes in total, into one array. A chunk that has all bytes is returned as it is. */
export function joinBytes(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first?.length === size) return first;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
