import type { Code } from "./code.js";
import type { Hasher } from "./detect.js";

/** The option `hashPassword`, and the rules that its algorithm needs. */
export interface Hashing {
  /** Statements before the engine. */
  readonly lines: readonly string[];
  readonly hashPassword: string;
  /** Bcrypt ignores what comes after 72 bytes, so longer passwords must be refused. */
  readonly isBcrypt: boolean;
}

/** Hashes as the application's sign-in does; without a package for it, with what Node has. */
export function hashingBy(hasher: Hasher, code: Code): Hashing {
  switch (hasher) {
    case "@node-rs/argon2":
    case "@node-rs/bcrypt":
      code.import(hasher, "hash");
      return plain("(password) => hash(password)", hasher === "@node-rs/bcrypt");
    case "argon2":
      code.import("argon2", "hash");
      return plain("(password) => hash(password)", false);
    case "bcrypt":
    case "bcryptjs":
      code.importDefault(hasher, "bcrypt");
      return plain("(password) => bcrypt.hash(password, 12)", true);
    case "scrypt":
      return byScrypt(code);
  }
}

function plain(hashPassword: string, isBcrypt: boolean): Hashing {
  return { lines: [], hashPassword, isBcrypt };
}

function byScrypt(code: Code): Hashing {
  code.import("node:crypto", "randomBytes", "scrypt");
  code.import("node:util", "promisify");
  return {
    lines: [
      `// Hash as your sign-in does: it has to verify what is stored here. This is scrypt, which Node has built in.`,
      `const derive = promisify(scrypt);`,
      `async function hashPassword(password${code.typed(": string")})${code.typed(": Promise<string>")} {`,
      `  const salt = randomBytes(16);`,
      `  const key = (await derive(password, salt, 64))${code.typed(" as Buffer")};`,
      '  return `scrypt$${salt.toString("base64")}$${key.toString("base64")}`;',
      "}",
    ],
    hashPassword: "hashPassword",
    isBcrypt: false,
  };
}
