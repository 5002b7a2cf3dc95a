import { chromium, type Browser } from "playwright-core";
import { program } from "./debian.js";

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
