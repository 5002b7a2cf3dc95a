import { expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { project } from "../servers/project.js";
import { serverJob } from "./server-job.js";

serverJob(
  "NestJS",
  {
    async prepare() {
      const folder = await project("nestjs", "examples/nestjs");
      await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], {
        cwd: folder,
      }).catch(({ stdout }) => {
        throw new Error(stdout);
      });
      return folder;
    },
    command: () => [process.execPath, "dist/main.js"],
  },
  ({ drive, mails }) => {
    it("lets support start a reset, by the engine that was injected", async () => {
      const before = mails().length;
      expect((await drive({ path: "/api/support/users/2/reset" })).status).toBe(204);
      await expect.poll(() => mails().slice(before)).toMatchObject([{ to: ["grace@example.com"] }]);
      expect((await drive({ path: "/api/support/users/9/reset" })).status).toBe(404);
    });
  },
);
