import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { handlerSuite } from "resetkit/testing";
import { framework, versionOf } from "../adapters/framework.js";
import { serve } from "../http/drive.js";
import { run } from "../servers/debian.js";
import { project } from "../servers/project.js";
import { copyRoute, mount, mountFetch, writeStandIn } from "./fetch-project.js";

const file = (path: string) => `src/pages${path}/[...path].ts`;

const folder = await project("astro", {
  type: "module",
  dependencies: { "@astrojs/node": "9.5.5", astro: "5.17.3" },
});
const files = {
  "package.json": '{ "type": "module" }',
  "astro.config.mjs": `
    import node from "@astrojs/node";
    export default { adapter: node({ mode: "middleware" }), security: { checkOrigin: false } };`,
  // As an application adds CORS: to whatever a route answers.
  "src/middleware.js": `
    export async function onRequest(_context, next) {
      const response = await next();
      response.headers.set("x-app", "kept");
      return response;
    }`,
};
await writeStandIn(
  join(folder, "src/lib/password-reset.js"),
  join(folder, "src/pages/lib/password-reset.js"),
);
for (const path of [mount, "/accounts/v1/reset"]) {
  await copyRoute(`astro/${file(mount)}`, join(folder, file(path)));
}
for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
await run(process.execPath, ["node_modules/astro/astro.js", "build"], {
  cwd: folder,
  env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" },
});
const { handler } = await import(join(folder, "dist/server/entry.mjs"));

framework(
  {
    name: "Astro on Node, built",
    version: versionOf("astro", join(folder, "node_modules")),
    ran: "the adapter suite, except the peer address and disconnects",
  },
  () =>
    handlerSuite(
      { describe, it },
      "Astro 5, built, on Node",
      (mounting) => {
        mountFetch(mounting);
        return serve((req, res) => handler(req, res, () => res.writeHead(418).end()));
      },
      // Its `clientAddress` is what a header says, where there is one, and not who holds the connection.
      { lacks: ["address", "gone", "hangUp"] },
    ),
);
