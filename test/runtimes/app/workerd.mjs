import { env } from "cloudflare:workers";
import { d1 } from "resetkit/connections/d1";
import { createApp } from "./app.mjs";

// In the module's own scope, where Workers allow neither randomness nor timers.
const app = createApp({
  mailApi: env.MAIL_API,
  connection: d1(env.DB),
  worker: "waitUntil",
  handlerOptions: { ipHeader: "cf-connecting-ip", trustProxy: 1 },
});

export default {
  fetch(request, _env, context) {
    const isForgetful = request.headers.has("x-forgets-wait-until");
    return app.fetch(request, isForgetful ? {} : { waitUntil: (work) => context.waitUntil(work) });
  },
};
