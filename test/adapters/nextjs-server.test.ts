import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "vitest";
import { handlerSuite } from "resetkit/testing";
import { framework, versionOf } from "./framework.js";
import { serve } from "../http/drive.js";
import { run } from "../servers/debian.js";
import { project } from "../servers/project.js";

const route = `
  import { resetHandler } from "resetkit/adapters/nextjs";
  const answer = (request, route) => {
    const { reset, path, options } = globalThis.resetkitMounting;
    if (!new URL(request.url).pathname.startsWith(path)) return new Response(null, { status: 418 });
    // Next.js writes X-Forwarded-For itself, where the client has not.
    return resetHandler(reset, { trustProxy: 0, ...options })[request.method](request, route);
  };
  export { answer as GET, answer as HEAD, answer as POST, answer as PUT, answer as PATCH, answer as DELETE };
  export { answer as OPTIONS };`;

const folder = await project("nextjs-suite", {
  dependencies: { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" },
});
const files = {
  "package.json": "{}",
  "next.config.mjs": `
    export default {
      skipTrailingSlashRedirect: true,
      headers: () => [{ source: "/:path*", headers: [{ key: "x-app", value: "kept" }] }],
    };`,
  "app/api/password_reset/[[...path]]/route.js": route,
  "app/accounts/v1/reset/[[...path]]/route.js": route,
};
for (const [path, text] of Object.entries(files)) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
  cwd: folder,
  env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
});
const next = createRequire(join(folder, "server.js"))("next");
const app = next({ dir: folder, dev: false, hostname: "127.0.0.1", port: 0 });
await app.prepare();
const handle = app.getRequestHandler();

framework(
  {
    name: "Next.js, built",
    version: versionOf("next", join(folder, "node_modules")),
    ran: "the adapter suite, except the peer address, disconnects, and odd targets",
  },
  () =>
    handlerSuite(
      { describe, it },
      "Next.js 16, built",
      (mounting) => {
        Object.assign(globalThis, { resetkitMounting: mounting });
        return serve((req, res) => void handle(req, res));
      },
      // It does not say who holds the connection, nor lets a route end it, and redirects `//` and absolute targets.
      { lacks: ["address", "gone", "hangUp", "targets"] },
    ),
);
