// Starts a headless Chromium that contacts no servers of its own. The default path is CHROMIUM, or where Debian puts it.
import { chromium } from "playwright-core";

export const startChromium = (executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium") =>
  chromium.launch({
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
