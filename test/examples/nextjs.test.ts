import { expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { project } from "../servers/project.js";
import { serverJob } from "./server-job.js";

const next = [process.execPath, "node_modules/next/dist/bin/next"] as const;

serverJob(
  "Next.js",
  {
    async prepare() {
      const folder = await project("nextjs", "examples/nextjs");
      const env = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
      await run(next[0], [next[1], "build"], { cwd: folder, env });
      return folder;
    },
    command: (port) => [...next, "start", "--hostname", "127.0.0.1", "--port", String(port)],
  },
  ({ get, drive }) => {
    it("serves the two pages, and leaves Next.js its own 404s", async () => {
      expect(await get("/forgot-password")).toContain("Forgot your password?");
      expect(await get("/reset-password/some-token")).toContain("Choose a new password");
      expect((await drive({ path: "/api/other" })).status).toBe(404);
    });

    it("answers to every method, and in its own words", async () => {
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
        const answer = await drive({ method, path: "/api/password_reset/confirm/" });
        expect([answer.status, answer.headers["allow"]], method).toEqual([405, "POST, OPTIONS"]);
      }
    });
  },
);
