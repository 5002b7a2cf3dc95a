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
    const forgets = request.headers.get("x-forgets-wait-until");
    if (forgets === "both") return onAnUnknownPlatform(() => app.fetch(request, {}));
    return app.fetch(request, forgets ? {} : { waitUntil: (work) => context.waitUntil(work) });
  },
};

/** As where no platform is recognized, with a long pause before the work: the mail may slip out after a short one. */
async function onAnUnknownPlatform(work) {
  const { setTimeout, navigator } = globalThis;
  const swap = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true });
  swap("navigator", {});
  swap("setTimeout", (run, time, ...rest) => setTimeout(run, Math.max(time, 1_000), ...rest));
  try {
    return await work();
  } finally {
    swap("navigator", navigator);
    swap("setTimeout", setTimeout);
  }
}
