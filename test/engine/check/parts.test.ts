/** How a message that ends with its fix becomes a finding. */
import { expect, it } from "vitest";
import { splitFix } from "../../../src/engine/check/parts.js";

it.each([
  ["The store has no queue: pass a store with one.", "The store has no queue.", "Pass a store with one."],
  ["The table is missing. Run the migration.", "The table is missing.", "Run the migration."],
  ["One is missing. Two are left: run it. Then look.", "One is missing. Two are left: run it.", "Then look."],
  ["The limit is 1.5. Set it to 2.5 or file.json", "The limit is 1.5.", "Set it to 2.5 or file.json."],
  ["It's called a:b. Use c:d:e", "It's called a:b.", "Use c:d:e."],
  ["One\nline is missing. Add\nit", "One\nline is missing.", "Add\nit."],
  ["  The table is missing. Run it.\n", "The table is missing.", "Run it."],
  ["Is it there? It isn't: look", "Is it there? It isn't.", "Look."],
])("splits %j before its last sentence or clause", (message, what, fix) => {
  expect(splitFix("warning", message)).toEqual({ level: "warning", what, fix });
});

it.each([
  ["permission denied", "permission denied."],
  ["Is the server there?", "Is the server there?"],
  ["Nothing works!", "Nothing works!"],
  ["It broke. ", "It broke."],
])("takes all of %j as what is wrong, since no fix follows", (message, what) => {
  expect(splitFix("error", message)).toEqual({ level: "error", what, fix: "Fix what it names." });
  expect(splitFix("error", message, "start it").fix).toBe("Start it.");
});
