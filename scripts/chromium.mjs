// A Chromium without a window, for the scripts that draw pictures: at CHROMIUM, or where Debian puts it.
import { chromium } from "playwright-core";

export const startChromium = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
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
