import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { installInto } from "./packed.js";

it("strength refuses at construction if its packages aren't installed, with the command that installs them", async () => {
  const project = await mkdtemp(join(tmpdir(), "resetkit-strength-"));
  try {
    await installInto(project);
    await writeFile(
      join(project, "try.mjs"),
      `import { strength } from "resetkit/validators/strength";
       try { strength(); console.log("constructed"); } catch ({ name, message }) { console.log(name + ": " + message); }`,
    );
    const printed = async () => (await run(process.execPath, ["try.mjs"], { cwd: project })).stdout.trim();
    expect(await printed()).toBe(
      "TypeError: strength() needs packages that aren't installed. Run: npm install @zxcvbn-ts/core @zxcvbn-ts/language-common @zxcvbn-ts/language-en",
    );
    // The control: with them it's constructed.
    await installInto(project, "@zxcvbn-ts");
    expect(await printed()).toBe("constructed");
  } finally {
    await rm(project, { recursive: true, force: true });
  }
});
