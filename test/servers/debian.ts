import { execFile } from "node:child_process";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** Whether this process may install packages, and must give servers users of their own. */
export const isRoot = process.getuid?.() === 0;

/**
 * The path of a program, found by a shell's `find`, and installed from its Debian packages where it is not
 * there yet. Debian starts nothing of what this installs.
 */
export async function program(find: string, ...debianPackages: string[]): Promise<string> {
  const found = await look(find);
  if (found) return found;
  await install(debianPackages);
  const installed = await look(find);
  if (installed) return installed;
  throw new Error(`${debianPackages[0]} is installed, and "${find}" finds nothing: is its folder in PATH?`);
}

async function look(find: string): Promise<string | undefined> {
  const paths = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const PATH = [process.env.PATH, ...paths].join(":");
  const { stdout } = await run("sh", ["-c", `${find} || true`], { env: { ...process.env, PATH } });
  return stdout.trim().split("\n")[0] || undefined;
}

async function install(debianPackages: readonly string[]): Promise<void> {
  const names = debianPackages.join(" ");
  if (!isRoot) {
    throw new Error(
      `${names} is not installed: run "apt-get install ${names}", or "docker compose up -d" and set POSTGRES_URL, MARIADB_URL, MYSQL_URL as compose.yaml says.`,
    );
  }
  // Several files may install at once; dpkg lets one at a time. A policy of 101 lets no service start.
  const script = `
    set -e
    exec 9> /tmp/resetkit-apt.lock
    flock 9
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      printf '#!/bin/sh\\nexit 101\\n' > $policy
      chmod +x $policy
      trap 'rm -f $policy' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq -y --no-install-recommends install "$@"`;
  try {
    await run("sh", ["-c", script, "install", ...debianPackages]);
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    const reason = stderr.trim().split("\n").at(-1);
    throw new Error(`${names} could not be installed by apt-get (${reason}): install it by hand.`, {
      cause,
    });
  }
}
