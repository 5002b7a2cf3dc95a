import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";
import { project } from "../servers/project.js";
import { nestSuite, type NestVersion } from "./nest-suite.js";

const nest = "11.2.10";
const folder = await project("nestjs-11", {
  dependencies: {
    "@nestjs/common": nest,
    "@nestjs/core": nest,
    "@nestjs/platform-express": nest,
    "@nestjs/platform-fastify": "11.2.8",
    "reflect-metadata": "0.2.2",
    rxjs: "7.8.2",
  },
});
// As an application of Nest 11 does it: it is CommonJS, and requires this package, which is not.
const require = createRequire(join(folder, "main.js"));
require("reflect-metadata");
const common = require("@nestjs/common");
const adapter = require("resetkit/adapters/nestjs");

nestSuite("NestJS 11", {
  common,
  core: require("@nestjs/core"),
  express: require("@nestjs/platform-express"),
  fastify: require("@nestjs/platform-fastify"),
  adapter,
  testing: require("resetkit/testing"),
  modules: join(folder, "node_modules"),
} as NestVersion);

it("runs with Nest 11 alone", () => {
  expect(require("@nestjs/common/package.json").version).toBe(nest);
  expect(require.resolve("resetkit/adapters/nestjs")).toContain(join(folder, "node_modules"));
});
