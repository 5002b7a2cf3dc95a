import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startChromium as launch } from "../../scripts/chromium.mjs";
import { program } from "./debian.js";

/** Where tests put their pictures: `SCREENSHOTS=docs/images` renews those of the documentation. */
export const pictures = process.env["SCREENSHOTS"] ?? join(tmpdir(), "resetkit-screenshots");

/** Starts Debian's Chromium. Installs it first, where root may. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await program("command -v chromium", "chromium", "fonts-liberation");
  return launch(executablePath);
}
