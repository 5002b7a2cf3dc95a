/**
 * The plain shape for runtimes that speak `Request` and `Response`.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import type { BodyLimits, HttpRequest, HttpResponse } from "../types.js";
import { joinBytes } from "./join-bytes.js";
import { patience } from "./patience.js";

/** Reads nothing yet. The host in the address is the client's word, and is dropped. */
export function fromRequest(request: Request, peer?: string): HttpRequest {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    ip: peer,
    header: (name) => request.headers.get(name) ?? undefined,
    body: async (limits) => ({ kind: "bytes", bytes: await readBody(request, limits) }),
    raw: request,
  };
}

export function toResponse({ status, headers, body }: HttpResponse): Response {
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === "string" ? [value] : value) fields.append(name, each);
  }
  return new Response(body === "" ? null : body, { status, headers: fields });
}

async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const { body, bodyUsed } = openBody(request);
  if (bodyUsed) {
    throw new TypeError(
      "The body of the Request was read before resetkit saw it: hand over request.clone(), or mount resetkit first.",
    );
  }
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBytes) {
    throw new ResetError("body_too_large");
  }
  if (!body) return new Uint8Array();
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ResetError("body_timeout")), limits.timeout);
  });
  try {
    return await Promise.race([readAll(reader, limits.maxBytes), late]);
  } catch (error) {
    void throwAway(reader);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Cancels a body, but not at once: some servers then cut the connection, and the client would lose the answer
 * that it has not read yet. Nobody waits for this, since a source that hangs may never settle.
 */
async function throwAway(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const cancel = () => reader.cancel().catch(() => undefined);
  const timer = setTimeout(cancel, patience.milliseconds);
  let left = patience.bytes;
  try {
    for (let isDone = false; !isDone && left > 0;) {
      const { done, value } = await reader.read();
      isDone = done;
      left -= value?.length ?? 0;
    }
    if (left <= 0) await cancel();
  } catch {
    // The client has hung up.
  } finally {
    clearTimeout(timer);
  }
}

/** A runtime may make the `Request` now, and throw at a target such as `http://user:password@host/`. */
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

/** The client has hung up: nobody is left to read the answer. */
function lost(cause: unknown): never {
  throw new ResetError("malformed_body", { cause });
}
