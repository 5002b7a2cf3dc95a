import fastify from "fastify";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openBareStore } from "./bare-store.js";
import { hashOf } from "./hash.js";
import { createMailer } from "./mail.js";
import { base, type ServerOptions } from "./system.js";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Work = (body: Readonly<Record<string, unknown>>) => Promise<Answer>;

const ok: Answer = { status: 200, body: { status: "OK" } };
const notFound: Answer = { status: 404, body: { detail: "Not found." } };
const invalidInput: Answer = { status: 400, body: { detail: "A field is missing or no text." } };

/** A handler by hand, on `node:http` or Fastify. Gives its port. */
export async function startBare(options: ServerOptions): Promise<number> {
  const routes = routesOf(options);
  if (options.framework === "fastify") return listenWithFastify(routes);
  const server = createServer(options.program === "tuned" ? tunedListener(routes) : listener(routes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function routesOf(options: ServerOptions): Readonly<Record<string, Work>> {
  const store = openBareStore(options);
  const hash = hashOf(options);
  const mail = options.sink === undefined ? undefined : createMailer(options.sink);
  return {
    [`${base}/`]: async ({ email }) => {
      if (typeof email !== "string") return invalidInput;
      const token = await store.request(email);
      if (token && mail) await mail(email, `https://app.example.com/reset/${token}`);
      return ok;
    },
    [`${base}/validate_token/`]: async ({ token }) => {
      if (typeof token !== "string") return invalidInput;
      return (await store.validate(token)) ? ok : notFound;
    },
    [`${base}/confirm/`]: async ({ token, password }) => {
      if (typeof token !== "string" || typeof password !== "string") return invalidInput;
      // Whoever has no token gets no hash; without a hash the transaction's own look is enough.
      if (options.hash !== "none" && !(await store.validate(token))) return notFound;
      return (await store.change(token, await hash(password))) ? ok : notFound;
    },
  };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function listener(routes: Readonly<Record<string, Work>>): RequestListener {
  return (request, response) => {
    const work = routes[request.url!];
    if (!work || request.method !== "POST") return send(response, notFound);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      send(response, await answerTo(work, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    });
  };
}

/** The two things that make `adapters/node` fast; see decision 087. It takes small bodies only. */
function tunedListener(routes: Readonly<Record<string, Work>>): RequestListener {
  return async (request, response) => {
    const work = routes[request.url!];
    if (!work || request.method !== "POST") return send(response, notFound);
    await undefined;
    const answer = await answerTo(work, request.read() as Buffer);
    setImmediate(() => send(response, answer));
  };
}

async function answerTo(work: Work, bytes: Buffer): Promise<Answer> {
  try {
    const body: unknown = JSON.parse(bytes.toString());
    return isObject(body) ? await work(body) : invalidInput;
  } catch (error) {
    return error instanceof SyntaxError ? invalidInput : { status: 500, body: { detail: "Sorry." } };
  }
}

async function listenWithFastify(routes: Readonly<Record<string, Work>>): Promise<number> {
  const app = fastify();
  for (const [path, work] of Object.entries(routes)) {
    app.post(path, async (request, reply) => {
      const answer = isObject(request.body) ? await work(request.body) : invalidInput;
      return reply.code(answer.status).send(answer.body);
    });
  }
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as AddressInfo).port;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
