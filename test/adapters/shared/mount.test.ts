import { expect, it } from "vitest";
import { mountOf } from "../../../src/adapters/shared/mount.js";

it.each([
  ["/api/password_reset", "/api/password_reset/confirm/?x=/y", "/api/password_reset"],
  ["/api/password_reset/*", "/api/password_reset", "/api/password_reset"],
  ["/:tenant/reset/*", "/%C3%A4/reset/confirm", "/%C3%A4/reset"],
  ["/reset/", "/reset/", "/reset"],
  ["/*", "/api/password_reset/", ""],
  ["", "/?x", ""],
  ["/a/*", "/a?/b", "/a"],
])("a handler mounted at %j and asked for %j is mounted at %j", (pattern, path, mount) => {
  expect(mountOf(pattern, path)).toBe(mount);
});
