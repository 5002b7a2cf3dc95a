import type { Project } from "../project/project.js";
import { entryOf, type Framework } from "./detect.js";
import type { Loading } from "./engine.js";

/** How a framework serves what `password-reset.ts` exports. */
export interface Mount extends Loading {
  /** The path of `password-reset.ts`, relative to the folder and without its extension. */
  readonly engine: string;
  /** Further files, without their extension. `{engine}` becomes the import path of the engine. */
  readonly files?: readonly { readonly path: string; readonly text: Text }[];
  /** Lines to add to existing files. */
  readonly lines?: readonly Lines[];
}

export interface Lines {
  readonly file: string;
  /** Where in it. */
  readonly where: string;
  readonly imports: readonly string[];
  readonly code: readonly string[];
}

/** Returns the lines of a file. */
type Text = (isTypeScript: boolean) => readonly string[];

export function mountFor(framework: Framework, project: Project): Mount {
  const inSource = (name: string) => (project.has("src") ? `src/${name}` : name);
  const entry = entryOf(project) ?? inSource(project.isTypeScript ? "app.ts" : "app.js");
  const beside = entry.replace(/[^/]*$/, "password-reset");
  return mounts[framework]({ entry, engine: beside, inSource, project });
}

interface Place {
  readonly entry: string;
  readonly engine: string;
  readonly inSource: (name: string) => string;
  readonly project: Project;
}

const start = "void startPasswordReset();";
const engineImport = `import { pages, reset, startPasswordReset } from "{engine}";`;

function server(
  { entry, engine }: Place,
  where: string,
  imports: readonly string[],
  code: readonly string[],
): Mount {
  return {
    engine,
    isLazy: false,
    lines: [{ file: entry, where, imports: [...imports, engineImport], code }],
  };
}

const mounts: Readonly<Record<Framework, (place: Place) => Mount>> = {
  express: (place) =>
    server(
      place,
      "before your routes and your 404 handler",
      [`import { resetMiddleware } from "resetkit/adapters/express";`],
      [`app.use("/api/password_reset", resetMiddleware(reset));`, "app.use(resetMiddleware(pages));", start],
    ),

  koa: (place) =>
    server(
      place,
      "before your routes",
      [`import { resetMiddleware } from "resetkit/adapters/koa";`],
      ["app.use(resetMiddleware(reset));", "app.use(resetMiddleware(pages));", start],
    ),

  fastify(place) {
    const app = /\bfastify\.register\(/.test(place.project.read(place.entry)) ? "fastify" : "app";
    return server(
      place,
      "before you listen",
      [
        `import { nodeListener } from "resetkit/adapters/node";`,
        `import { resetPlugin } from "resetkit/adapters/fastify";`,
      ],
      [
        `${app}.register(resetPlugin, { reset, prefix: "/api/password_reset" });`,
        "const servePages = nodeListener(pages);",
        // Routes, since a plugin's hooks don't run for paths without a route.
        `for (const path of ["/forgot-password", "/forgot-password/*", "/reset-password", "/reset-password/*"]) {`,
        `  ${app}.all(`,
        "    path,",
        "    { onRequest: (request, reply, done) => servePages(request.raw, reply.raw, done) },",
        "    (request, reply) => reply.callNotFound(),",
        "  );",
        "}",
        start,
      ],
    );
  },

  hono: (place) =>
    server(
      place,
      "before your routes",
      [`import { resetHandler } from "resetkit/adapters/hono";`],
      [
        `app.all("/api/password_reset", resetHandler(reset));`,
        `app.all("/api/password_reset/*", resetHandler(reset));`,
        `app.use("*", resetHandler(pages));`,
        start,
      ],
    ),

  nestjs: ({ inSource }) => ({
    engine: inSource("password-reset"),
    isLazy: false,
    hasWorker: true,
    lines: [
      {
        file: inSource("app.module.ts"),
        where: "among the imports of AppModule",
        imports: [
          `import { PasswordResetModule } from "resetkit/adapters/nestjs";`,
          `import { reset } from "{engine}";`,
        ],
        code: ["PasswordResetModule.forRoot({ reset }),"],
      },
      {
        file: inSource("main.ts"),
        where: "before app.listen()",
        imports: [
          `import { nodeListener } from "resetkit/adapters/node";`,
          `import { pages, startPasswordReset } from "{engine}";`,
        ],
        code: ["await startPasswordReset();", "app.use(nodeListener(pages));"],
      },
    ],
  }),

  node: ({ inSource }) => ({
    engine: inSource("password-reset"),
    isLazy: false,
    files: [
      {
        path: inSource("password-reset-server"),
        text: () => [
          'import { createServer } from "node:http";',
          'import { nodeListener } from "resetkit/adapters/node";',
          engineImport,
          "",
          "const api = nodeListener(reset);",
          "const site = nodeListener(pages);",
          "",
          start,
          "// In your own server, pass its listener as the last step: () => listener(request, response).",
          "createServer((request, response) => api(request, response, () => site(request, response))).listen(Number(process.env.PORT ?? 3000));",
        ],
      },
    ],
  }),

  nextjs({ project }) {
    const app = project.has("src/app") ? "src/app" : "app";
    const up = app.startsWith("src/") ? "src/lib" : "lib";
    const route = {
      text: (isTypeScript: boolean) => [
        'import { handlePasswordReset } from "{engine}";',
        "",
        `const answer = (request${isTypeScript ? ": Request" : ""}) => handlePasswordReset(request);`,
        "",
        "export {",
        "  answer as DELETE,",
        "  answer as GET,",
        "  answer as HEAD,",
        "  answer as OPTIONS,",
        "  answer as PATCH,",
        "  answer as POST,",
        "  answer as PUT,",
        "};",
      ],
    };
    return {
      engine: `${up}/password-reset`,
      isLazy: true,
      // Next.js sets X-Forwarded-For itself, and has no other way to pass on the client's IP address.
      options: "trustProxy: 1",
      files: [
        { ...route, path: `${app}/api/password_reset/[[...path]]/route` },
        { ...route, path: `${app}/forgot-password/[[...path]]/route` },
        { ...route, path: `${app}/reset-password/[[...path]]/route` },
      ],
    };
  },

  sveltekit() {
    const route = {
      text: (isTypeScript: boolean) => [
        'import { handlePasswordReset } from "{engine}";',
        ...(isTypeScript ? [`import type { RequestHandler } from "./$types";`] : []),
        "",
        'export const trailingSlash = "ignore";',
        `export const fallback${isTypeScript ? ": RequestHandler" : ""} = ({ request, getClientAddress }) =>`,
        "  handlePasswordReset(request, { peer: getClientAddress() });",
      ],
    };
    return {
      engine: "src/lib/server/password-reset",
      isLazy: true,
      // Vite loads .env into this module, not into process.env.
      environment: { name: "env", from: "$env/dynamic/private" },
      files: ["api/password_reset", "forgot-password", "reset-password"].map((path) => ({
        ...route,
        path: `src/routes/${path}/[...path]/+server`,
      })),
    };
  },

  nuxt: () => ({
    engine: "server/utils/password-reset",
    isLazy: true,
    files: [
      {
        path: "server/middleware/password-reset",
        text: () => [
          'import { fromNodeMiddleware } from "h3";',
          'import { nodeListener } from "resetkit/adapters/node";',
          'import { passwordResets } from "{engine}";',
          "",
          `const ours = /^\\/(?:api\\/password_reset|forgot-password|reset-password)(?:[/?]|$)/;`,
          "",
          "export default fromNodeMiddleware((request, response, next) => {",
          '  if (!ours.test(request.url ?? "")) return next();',
          "  const { api, pages, ready } = passwordResets();",
          "  const answer = () => nodeListener(api)(request, response, () => nodeListener(pages)(request, response, next));",
          "  void ready.then(answer, next);",
          "});",
        ],
      },
    ],
  }),

  "react-router": ({ project }) => ({
    engine: "app/password-reset.server",
    isLazy: true,
    files: [
      {
        path: "app/routes/password-reset",
        text: (isTypeScript) => [
          'import { handlePasswordReset } from "{engine}";',
          "",
          `const answer = ({ request }${isTypeScript ? ": { request: Request }" : ""}) => handlePasswordReset(request);`,
          "",
          "export { answer as action, answer as loader };",
        ],
      },
    ],
    lines: [
      {
        file: project.isTypeScript ? "app/routes.ts" : "app/routes.js",
        where: "in the list of routes",
        imports: [`import { route } from "@react-router/dev/routes";`],
        code: ["api/password_reset", "forgot-password", "reset-password"].map(
          (path) =>
            `route("${path}/*", "routes/password-reset.${project.isTypeScript ? "ts" : "js"}", { id: "${path}" }),`,
        ),
      },
    ],
  }),
};
