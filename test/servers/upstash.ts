import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { redis } from "./redis.js";

/** A local server that speaks Upstash's REST protocol, in front of this run's Redis. */
export interface UpstashServer {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

export async function startUpstash(): Promise<UpstashServer> {
  const client = new Redis(await redis());
  const token = crypto.randomUUID();
  const server = createServer(async (req, res) => {
    const answer = (status: number, body: unknown) =>
      res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (req.headers.authorization !== `Bearer ${token}`) return answer(401, { error: "Unauthorized" });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      if (req.url === "/") return answer(200, { result: await run(client, body) });
      if (req.url !== "/multi-exec") return answer(404, { error: "Not found" });
      const transaction = client.multi();
      for (const [name, ...rest] of body as Command[]) transaction.call(name, ...rest.map(String));
      const results = (await transaction.exec())!;
      answer(
        200,
        results.map(([error, result]) => (error ? { error: error.message } : { result })),
      );
    } catch (error) {
      answer(400, { error: String(error) });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async close() {
      server.close();
      server.closeAllConnections();
      client.disconnect();
    },
  };
}

type Command = readonly [string, ...(string | number)[]];

async function run(client: Redis, [name, ...rest]: Command): Promise<unknown> {
  return client.call(name, ...rest.map(String));
}
