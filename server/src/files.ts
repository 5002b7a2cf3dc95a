import { randomBytes } from "node:crypto";
import { access, constants, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Writes a new file atomically, even if the power fails: writes it under another name, syncs it to disk, and renames it.
 * Only the owner can read it.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Creates a folder that only the owner can access, unless it exists. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Creates the data folder. If that's impossible, throws an error with the fix. */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await makeFolder(path);
    await access(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`DATA_DIR is "${path}", which isn't writable (${code}). Set it to another folder.`, {
      cause,
    });
  }
}

/** The secret that tokens are keyed with. Created once, so that links stay valid after a restart. */
export async function readOrMakeSecret(folder: string): Promise<string> {
  const path = join(folder, "secret");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secret = randomBytes(32).toString("base64url");
  await writeDurably(path, secret);
  return secret;
}

// A rename is durable only once its folder is synced to disk.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
