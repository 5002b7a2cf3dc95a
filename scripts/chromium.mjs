// A Chromium without a window and without calls home, at the given path: by default at CHROMIUM, or where Debian puts it.
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
