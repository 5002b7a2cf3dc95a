import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./debian.js";

/** A server that Debian has in its unstable branch alone. */
export interface Unstable {
  /** What it's called in an error. */
  readonly what: string;
  /** Where it stays for later runs. */
  readonly kept: string;
  /** The package, with all that it depends on. */
  readonly installed: string;
  /** Packages without what they depend on. */
  readonly alone?: readonly string[];
  /** A shell's commands in the folder that the packages were unpacked to. */
  readonly finish?: string;
  /** What is left to do in that folder. */
  complete?(root: string): Promise<unknown>;
}

/** Unpacks a server into `folder`, unless it was kept. Returns where it is. */
export async function unpacked(folder: string, server: Unstable): Promise<string> {
  const { what, kept, complete } = server;
  if (existsSync(kept)) return kept;
  try {
    await run("sh", ["-c", scriptOf(server)], { cwd: folder, maxBuffer: 2 ** 26 });
    const root = join(folder, "root");
    await complete?.(root);
    await rename(root, kept);
    return kept;
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    const reason = stderr?.trim().split("\n").at(-1) ?? String(cause);
    throw new Error(`${what} could not be unpacked from Debian's unstable branch (${reason}).`, { cause });
  }
}

/** Lists and packages go into the folder, none of the machine's own are touched, and nothing is installed. */
function scriptOf({ installed, alone, finish = "" }: Unstable): string {
  return `
  set -e
  command -v apt-get dpkg >/dev/null || { echo "there is no apt-get here" >&2; exit 1; }
  mkdir -p lists/partial cache/archives/partial parts root
  : > status
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1)
  echo "deb \${mirror:-http://deb.debian.org/debian} sid main" > sid.list
  apt="apt-get -qq -o Dir::Etc::sourcelist=$PWD/sid.list -o Dir::Etc::sourceparts=$PWD/parts
    -o Dir::State::lists=$PWD/lists -o Dir::State::status=$PWD/status -o Dir::Cache=$PWD/cache -o APT::Sandbox::User="
  $apt update
  $apt -y -d --no-install-recommends install ${installed}
  ${alone ? `(cd cache/archives && $apt download ${alone.join(" ")})` : ""}
  for package in cache/archives/*.deb; do dpkg -x "$package" root; done
  rm -rf lists cache
  cd root
  ${finish}`;
}
