import { createServer, request, type Server } from "node:http";

/**
 * The reverse proxy in front of an application, as nginx does it: it keeps `Host`, and adds to `X-Forwarded-For` whose
 * connection it is. Clients on 127.0.0.7 count as 198.51.100.7, since a client on the loopback isn't one of the public.
 * It also writes `CF-Connecting-IP`, as Cloudflare does.
 */
export async function startProxy(port: number, to: number): Promise<Server> {
  const proxy = createServer((incoming, answer) => {
    const client = incoming.socket.remoteAddress!.replace(/^(::ffff:)?127\.0\.0\./, "198.51.100.");
    const forwarded = [incoming.headers["x-forwarded-for"], client]
      .filter((one) => one !== undefined)
      .join(", ");
    const headers = {
      ...incoming.headers,
      "x-forwarded-for": forwarded,
      "x-forwarded-proto": "http",
      "cf-connecting-ip": client,
    };
    const options = { host: "127.0.0.1", port: to, method: incoming.method, path: incoming.url, headers };
    const outgoing = request(options, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.writeHead(502).end());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(port, "127.0.0.1", resolve));
  return proxy;
}

/** Sends a request for a reset from one of the proxy's clients: `7` is 198.51.100.7. Returns the status. */
export function requestFrom(client: number, api: string, forwarded?: string): Promise<number> {
  const headers = { "content-type": "application/json", ...(forwarded && { "x-forwarded-for": forwarded }) };
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers, localAddress: `127.0.0.${client}` };
    request(`${api}/api/password_reset/`, options, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on("error", reject)
      .end('{"email":"nobody@example.com"}');
  });
}
