import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { program } from "./debian.js";

/** Where tests put their pictures: `SCREENSHOTS=docs/images` renews those of the documentation. */
export const pictures = process.env["SCREENSHOTS"] ?? join(tmpdir(), "resetkit-screenshots");

/** Starts Debian's Chromium, without a window and without calls home. Installs it first, where root may. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await program("command -v chromium", "chromium", "fonts-liberation");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
