import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

const run = promisify(execFile);
const executablePath = "/usr/bin/chromium";

/** Starts Debian's Chromium, without a window and without calls home. Installs it first, where root may. */
export async function startChromium(): Promise<Browser> {
  if (!existsSync(executablePath)) await install();
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

async function install(): Promise<void> {
  const packages = ["chromium", "fonts-liberation"];
  try {
    if (process.getuid?.() !== 0) throw new Error("not root");
    await run("apt-get", ["update"]);
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch (cause) {
    throw new Error(
      `The browser tests need Chromium at ${executablePath}, and it could not be installed from here: run apt-get install ${packages.join(" ")} as root.`,
      { cause },
    );
  }
}
