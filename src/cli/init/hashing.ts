import type { Code } from "./code.js";
import type { Hasher } from "./detect.js";

/** The option `hashPassword`, and what its algorithm requires. */
export interface Hashing {
  /** Statements before the engine. */
  readonly lines: readonly string[];
  readonly hashPassword: string;
  /** Bcrypt ignores everything after 72 bytes, so longer passwords must be rejected. */
  readonly isBcrypt: boolean;
}

/** Hashes with the package that the application has, or with Node's scrypt if it has none. */
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
      `// Hash as your sign-in does, since it has to verify what is stored here. This is scrypt, which is built into Node.`,
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
