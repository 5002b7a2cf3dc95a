import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { handlerSuite } from "resetkit/testing";
import { framework, versionOf } from "../adapters/framework.js";
import { serve } from "../http/drive.js";
import { run } from "../servers/debian.js";
import { project } from "../servers/project.js";
import { copyRoute, mount, mountFetch, writeStandIn } from "./fetch-project.js";

const file = (path: string) => `src/routes${path}/[...path]/+server.ts`;

const folder = await project("sveltekit", {
  type: "module",
  dependencies: {
    "@sveltejs/adapter-node": "5.5.7",
    "@sveltejs/kit": "2.70.4",
    "@sveltejs/vite-plugin-svelte": "7.3.1",
    svelte: "5.57.3",
    vite: "8.3.8",
  },
});
const files = {
  "package.json": '{ "type": "module" }',
  "svelte.config.js": `
    import adapter from "@sveltejs/adapter-node";
    export default { kit: { adapter: adapter(), csrf: { trustedOrigins: ["*"] } } };`,
  "vite.config.js": `
    import { sveltekit } from "@sveltejs/kit/vite";
    export default { plugins: [sveltekit()] };`,
  "src/routes/+page.svelte": "<h1>An application</h1>",
  "src/app.html": "<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
  // As a starter adds CORS: to whatever a route answers.
  "src/hooks.server.js": `
    export async function handle({ event, resolve }) {
      const response = await resolve(event);
      response.headers.set("x-app", "kept");
      return response;
    }`,
};
await writeStandIn(join(folder, "src/lib/server/password-reset.js"));
for (const path of [mount, "/accounts/v1/reset"]) {
  await copyRoute(`sveltekit/${file(mount)}`, join(folder, file(path)));
}
for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
await run(process.execPath, ["node_modules/vite/bin/vite.js", "build"], { cwd: folder });
const { handler } = await import(join(folder, "build/handler.js"));

framework(
  {
    name: "SvelteKit on Node, built",
    version: versionOf("@sveltejs/kit", join(folder, "node_modules")),
    ran: "the adapter suite, except disconnects, bodies without a type, and odd targets",
  },
  () =>
    handlerSuite(
      { describe, it },
      "SvelteKit 2, built, on Node",
      (mounting) => {
        mountFetch(mounting);
        return serve(handler);
      },
      // A body without a type is none for its Node adapter, and what cannot be decoded a 500.
      { lacks: ["gone", "hangUp", "untyped", "targets"] },
    ),
);
