/** The starters that frameworks have, and where the lines go that `init` prints for them. */
export interface Starter {
  readonly name: string;
  /** What makes the project, in its folder's parent. `undefined`: `files`, since the starter downloads from elsewhere. */
  readonly make?: { readonly package: string; readonly bin: string; readonly args: readonly string[] };
  readonly files?: Readonly<Record<string, string>>;
  /** What changes in files of the starter beside the lines. */
  edit?(path: string, text: string): string;
  /** Puts the lines for a file into it. */
  insert?(text: string, lines: PrintedLines): string;
  readonly build?: readonly string[];
  /** Starts it on a port, from the project's folder. */
  start(port: number): readonly string[];
}

export interface PrintedLines {
  readonly file: string;
  readonly imports: readonly string[];
  readonly code: readonly string[];
}

const after = (mark: RegExp, text: string, { imports, code }: PrintedLines) =>
  `${imports.join("\n")}\n${text.replace(mark, (found) => `${found}\n${code.join("\n")}\n`)}`;

const before = (mark: RegExp, text: string, { imports, code }: PrintedLines) =>
  `${imports.join("\n")}\n${text.replace(mark, (found) => `${code.join("\n")}\n${found}`)}`;

const folder = "app";

export const starters: readonly Starter[] = [
  {
    name: "Express",
    make: {
      package: "express-generator@4.16.1",
      bin: "express-generator/bin/express-cli.js",
      args: ["--no-view", folder],
    },
    insert: (text, lines) => after(/var app = express\(\);/, text, lines),
    start: () => ["bin/www"],
  },
  {
    name: "Fastify",
    make: { package: "fastify-cli@7.4.1", bin: "fastify-cli/cli.js", args: ["generate", folder, "--esm"] },
    insert: (text, lines) => after(/\/\/ Place here your custom code!/, text, lines),
    start: (port) => [
      "node_modules/fastify-cli/cli.js",
      "start",
      "-l",
      "info",
      "-a",
      "127.0.0.1",
      "-p",
      `${port}`,
      "app.js",
    ],
  },
  {
    name: "NestJS",
    make: {
      package: "@nestjs/cli@12",
      bin: "@nestjs/cli/bin/nest.js",
      args: ["new", folder, "--skip-install", "--skip-git", "--package-manager", "npm"],
    },
    insert: (text, lines) =>
      lines.file.endsWith("app.module.ts")
        ? `${lines.imports.join("\n")}\n${text.replace("imports: [", (found) => `${found}${lines.code.join("")}`)}`
        : before(/ *await app\.listen/, text, lines),
    build: ["node_modules/@nestjs/cli/bin/nest.js", "build"],
    start: () => ["dist/main.js"],
  },
  {
    name: "SvelteKit",
    make: {
      package: "sv@0.17.1",
      bin: "sv/dist/bin.mjs",
      args: ["create", folder, "--template", "minimal", "--types", "ts", "--no-add-ons", "--no-install"],
    },
    build: ["node_modules/vite/bin/vite.js", "build"],
    start: (port) => ["node_modules/vite/bin/vite.js", "preview", "--host", "127.0.0.1", "--port", `${port}`],
  },
  {
    name: "Next.js",
    make: {
      package: "create-next-app@16.4.3",
      bin: "create-next-app/dist/index.js",
      args: [
        folder,
        "--ts",
        "--app",
        "--no-eslint",
        "--no-tailwind",
        "--src-dir",
        "--skip-install",
        "--use-npm",
        "--yes",
      ],
    },
    // Its fonts come from Google when it's built.
    edit: (path, text) =>
      path === "src/app/layout.tsx"
        ? text
            .replace(/^import \{[^}]*\} from "next\/font\/google";$/m, "")
            .replaceAll(/^const \w+ = \w+\(\{[^}]*\}\);$/gm, "")
            .replaceAll(/\$\{geist\w+\.variable\}/gi, "")
        : text,
    build: ["node_modules/next/dist/bin/next", "build"],
    start: (port) => ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", `${port}`],
  },
  {
    name: "Hono, by hand",
    files: {
      "package.json": JSON.stringify({
        type: "module",
        dependencies: { hono: "4.13.19", "@hono/node-server": "2.1.8" },
      }),
      "index.js": `import { serve } from "@hono/node-server";
import { Hono } from "hono";
const app = new Hono();
// here
app.get("/", (c) => c.text("Hello Hono!"));
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });
`,
    },
    insert: (text, lines) => after(/\/\/ here/, text, lines),
    start: () => ["index.js"],
  },
  {
    name: "Koa, by hand",
    files: {
      "package.json": JSON.stringify({ type: "module", dependencies: { koa: "3.3.0" } }),
      "index.js": `import Koa from "koa";
const app = new Koa();
// here
app.listen(Number(process.env.PORT), "127.0.0.1");
`,
    },
    insert: (text, lines) => after(/\/\/ here/, text, lines),
    start: () => ["index.js"],
  },
  {
    name: "Nuxt, by hand",
    files: {
      "package.json": JSON.stringify({
        type: "module",
        dependencies: { nuxt: "4.4.2", vue: "3.5.45", h3: "1.15.11" },
      }),
      "nuxt.config.ts": `export default defineNuxtConfig({ compatibilityDate: "2026-06-01", telemetry: false });\n`,
      "tsconfig.json": `{ "extends": "./.nuxt/tsconfig.json" }\n`,
      "app/app.vue": "<template><h1>Hello Nuxt!</h1></template>\n",
    },
    build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
    start: () => [".output/server/index.mjs"],
  },
  {
    name: "React Router, by hand",
    files: {
      "package.json": JSON.stringify({
        type: "module",
        dependencies: {
          "@react-router/node": "7.18.4",
          "@react-router/serve": "7.18.4",
          isbot: "5.2.3",
          react: "19.3.1",
          "react-dom": "19.3.1",
          "react-router": "7.18.4",
        },
        devDependencies: { "@react-router/dev": "7.18.4", typescript: "6.0.3", vite: "8.3.8" },
      }),
      "tsconfig.json": `{ "compilerOptions": { "module": "esnext", "moduleResolution": "bundler", "jsx": "react-jsx" } }\n`,
      "vite.config.ts": `import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";
export default defineConfig({ plugins: [reactRouter()] });
`,
      "app/root.tsx": `import { Outlet, Scripts } from "react-router";
export default function App() {
  return <html lang="en"><body><Outlet /><Scripts /></body></html>;
}
`,
      "app/routes.ts": `import { type RouteConfig, index } from "@react-router/dev/routes";
export default [
  index("routes/home.tsx"),
] satisfies RouteConfig;
`,
      "app/routes/home.tsx": `export default function Home() { return <h1>Hello React Router!</h1>; }\n`,
    },
    insert: (text, lines) => after(/export default \[/, text, lines),
    build: ["node_modules/@react-router/dev/bin.js", "build"],
    start: () => ["node_modules/@react-router/serve/bin.js", "build/server/index.js"],
  },
];
