/** Ways to send one request to a handler: the plain shape, `fetch`, and real connections to Node's servers. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { send, type Answer } from "../../src/testing/handler/wire.js";
import type { Handler, HttpRequest, ResetContext } from "../../src/types.js";

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export { json } from "../../src/testing/handler/scene.js";
export type { Answer };
export type Drive = (sent: Sent) => Promise<Answer>;

export function plainRequest(sent: Sent, ip: string | undefined = "192.0.2.1"): HttpRequest {
  const headers = new Map(
    Object.entries(sent.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [path, query = ""] = sent.path.split("?");
  return {
    method: sent.method ?? "POST",
    path: path!,
    query,
    ip,
    header: (name) => headers.get(name),
    body: () => ({ kind: "bytes", bytes: Buffer.from(sent.body ?? "") }),
  };
}

export function byPlain(handler: Handler, context?: ResetContext): Drive {
  return async (sent) => {
    const answer = await handler.plain(plainRequest(sent), context);
    if (!answer) return { status: 404, headers: {}, body: "null" };
    return { ...answer, headers: answer.headers as Record<string, string> };
  };
}

export function byFetch(handler: Handler, context: ResetContext = { ip: "192.0.2.1" }): Drive {
  return async ({ method = "POST", path, headers, body }) => {
    const request = new Request(`http://forged.example${path}`, {
      method,
      headers: { ...headers },
      body: body as BodyInit | undefined,
    });
    const response = await handler(request, context);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}

export interface Served {
  readonly drive: Drive;
  readonly port: number;
  close(): Promise<void>;
}

/** A server on a free port of this machine. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    drive: (sent) => send(port, sent),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
