/** The projects of `scripts/packaging.mjs`: their files, and what they must print. */

/** A whole reset in memory, as in a test or a small program. */
const job = `
  const mail = outbox();
  const reset = passwordReset({
    users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
    secret: "for tests only: 0123456789 abcdefghijklmnop",
    store: memoryStore(),
    url: "https://example.com/reset/{token}",
    deliver: mail.deliver,
    throttles: false,
  });
  await reset.request({ identifier: "ada@example.com" });
  const { token } = await mail.next("ada@example.com");
  const user = await reset.confirm({ token, password: "a long new passphrase" });
  await reset.close();
  const changed = user.email;`;

const imports = `
import { memoryStore, passwordReset } from "resetkit";
import { outbox } from "resetkit/testing";
import { memoryUsers } from "resetkit/users/memory";
`;

const program = `${imports}
async function main(): Promise<void> {${job}
  console.log("changed:", changed);
}
void main();
`;

const test = (head) => `${head}
test("a reset goes the whole way", async () => {${job}
  expect(changed).toBe("ada@example.com");
});
`;

const tsconfig = (options) =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      strict: true,
      skipLibCheck: true,
      types: ["node"],
      outDir: "out",
      ...options,
    },
    include: ["*.ts"],
  });

const typescript = { typescript: "5.8.3", "@types/node": "20.19.43" };
const built = [{ run: ["tsc"], prints: "" }];
const ran = [...built, { run: ["node", "out/app.js"], prints: "changed: ada@example.com" }];

/** A Nest application as its starter creates it: CommonJS, with decorators. */
const nest = (major) => ({
  name: `nestjs-${major}`,
  about: `NestJS ${major}, as its starter has it (CommonJS)`,
  packages: {
    ...typescript,
    "@nestjs/common": `^${major}.0.0`,
    "@nestjs/core": `^${major}.0.0`,
    "@nestjs/platform-express": `^${major}.0.0`,
    "reflect-metadata": "^0.2.0",
    rxjs: "^7.8.0",
  },
  files: {
    "tsconfig.json": tsconfig({
      module: "nodenext",
      moduleResolution: "nodenext",
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    }),
    "app.ts": `import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { PasswordResetModule } from "resetkit/adapters/nestjs";
import { createClient } from "resetkit/client";
${imports}
const mail = outbox();
const reset = passwordReset({
  users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
  secret: "for tests only: 0123456789 abcdefghijklmnop",
  store: memoryStore(),
  url: "https://example.com/reset/{token}",
  deliver: mail.deliver,
});

@Module({ imports: [PasswordResetModule.forRoot({ reset, path: "auth/reset" })] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ["error"] });
  await app.listen(0, "127.0.0.1");
  const client = createClient({ baseUrl: \`\${await app.getUrl()}/auth/reset\` });
  await client.request({ identifier: "ada@example.com" });
  const { token } = await mail.next("ada@example.com");
  const { ok } = await client.confirm({ token, password: "a long new passphrase" });
  console.log("changed:", ok && "ada@example.com");
  await app.close();
}
void main();
`,
  },
  steps: ran,
});

/** What create-next-app creates with its defaults, but with a font that isn't downloaded during the build. */
const nextFiles = {
  "package.json": JSON.stringify({ name: "next-app", private: true, scripts: { build: "next build" } }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "ES2017",
      lib: ["dom", "dom.iterable", "esnext"],
      ...{ allowJs: true, skipLibCheck: true, strict: true, noEmit: true, esModuleInterop: true },
      ...{ module: "esnext", moduleResolution: "bundler", resolveJsonModule: true, isolatedModules: true },
      ...{ jsx: "react-jsx", incremental: true, plugins: [{ name: "next" }], paths: { "@/*": ["./*"] } },
    },
    include: ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts"],
    exclude: ["node_modules"],
  }),
  "next.config.ts": `import type { NextConfig } from "next";
const nextConfig: NextConfig = {};
export default nextConfig;
`,
  "app/layout.tsx": `import type { Metadata } from "next";
import { GeistSans } from "geist/font/sans";
export const metadata: Metadata = { title: "Create Next App" };
export default function RootLayout({ children }: Readonly<{ children: React.ReactNode }>) {
  return <html lang="en"><body className={GeistSans.className}>{children}</body></html>;
}
`,
  "app/page.tsx": `"use client";
import { createClient } from "resetkit/client";
const client = createClient({ baseUrl: "/api/password_reset" });
export default function Home() {
  return <button onClick={() => void client.request({ identifier: "ada@example.com" })}>Forgot your password?</button>;
}
`,
  "app/api/password_reset/[[...path]]/route.ts": `${imports}
import { resetHandler } from "resetkit/adapters/nextjs";
const create = () => passwordReset({
  users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
  secret: process.env.RESET_SECRET!,
  store: memoryStore(),
  url: "https://example.com/reset/{token}",
  deliver: outbox().deliver,
});
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = resetHandler(create);
`,
  "check.mjs": `import { spawn } from "node:child_process";
const next = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", "0"], {
  env: { ...process.env, RESET_SECRET: "for tests only: 0123456789 abcdefghijklmnop" },
});
let text = "";
const url = await new Promise((resolve, reject) => {
  const read = (chunk) => {
    text += chunk;
    const found = /http:\\/\\/127\\.0\\.0\\.1:[1-9]\\d*/.exec(text);
    if (found) resolve(found[0]);
  };
  next.stdout.on("data", read);
  next.stderr.on("data", read);
  next.on("close", () => reject(new Error(text)));
});
const response = await fetch(url + "/api/password_reset", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: "ada@example.com" }),
});
console.log(response.status, await response.text());
next.kill();
`,
};

export const projects = [
  {
    name: "commonjs-nodenext",
    about: "TypeScript to CommonJS, `module: nodenext`",
    packages: typescript,
    files: {
      "tsconfig.json": tsconfig({ module: "nodenext", moduleResolution: "nodenext" }),
      "app.ts": program,
    },
    steps: ran,
  },
  {
    name: "commonjs-node",
    about: "TypeScript to CommonJS, `moduleResolution: node`",
    packages: typescript,
    files: { "tsconfig.json": tsconfig({ module: "commonjs", moduleResolution: "node" }), "app.ts": program },
    steps: ran,
  },
  {
    name: "commonjs-node16",
    about: "TypeScript to CommonJS, `module: node16`",
    packages: typescript,
    files: { "tsconfig.json": tsconfig({ module: "node16", moduleResolution: "node16" }), "app.ts": program },
    steps: [{ run: ["tsc"], prints: "TS1479", fails: true }],
  },
  {
    name: "jest",
    about: "Jest with its defaults, and the line of [Testing](../testing.md#jest)",
    packages: { jest: "30.2.0" },
    files: { "app.test.mjs": test(`${imports}import { expect, test } from "@jest/globals";\n`) },
    steps: [
      { run: ["jest"], prints: "1 passed", env: { NODE_OPTIONS: "--experimental-vm-modules" } },
      { run: ["jest"], prints: "import statement", fails: true },
    ],
  },
  {
    name: "ts-jest",
    about: "ts-jest to CommonJS, and the lines of [Testing](../testing.md#jest)",
    packages: { ...typescript, jest: "29.7.0", "ts-jest": "29.4.5", "@types/jest": "29.5.14" },
    files: {
      "app.test.ts": test(imports),
      "tsconfig.json": tsconfig({
        module: "commonjs",
        moduleResolution: "node",
        types: ["node", "jest"],
        allowJs: true,
      }),
      "package.json": JSON.stringify({
        name: "ts-jest-app",
        private: true,
        jest: {
          transform: { "^.+\\.[jt]s$": ["ts-jest", { diagnostics: false }] },
          transformIgnorePatterns: ["/node_modules/(?!resetkit/)"],
        },
      }),
    },
    steps: [{ run: ["jest"], prints: "1 passed" }],
  },
  nest(10),
  nest(11),
  {
    name: "create-next-app",
    about: "create-next-app's defaults, built and started",
    packages: {
      ...typescript,
      ...{ next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1", geist: "^1.5.0" },
      ...{ "@types/react": "19.3.0", "@types/react-dom": "^19.0.0" },
    },
    files: nextFiles,
    steps: [
      { run: ["next", "build"], prints: "/api/password_reset/[[...path]]", env: { NODE_ENV: "production" } },
      { run: ["node", "check.mjs"], prints: '200 {"status":"OK"}', env: { NODE_ENV: "production" } },
    ],
  },
];
