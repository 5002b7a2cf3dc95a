/** A source file that's being written. Its imports are merged and sorted. */
export class Code {
  readonly #named = new Map<string, Set<string>>();
  readonly #whole = new Map<string, string>();
  readonly isTypeScript: boolean;
  readonly isBundled: boolean;
  readonly environment: string;

  /**
   * `isTypeScript` adds types and `!`; the rest is the same in both languages. With `isBundled`, imports have no extension.
   * `environment` is the object with the environment variables: `process.env`, or the framework's own.
   */
  constructor(isTypeScript: boolean, isBundled: boolean, environment = "process.env") {
    this.isTypeScript = isTypeScript;
    this.isBundled = isBundled;
    this.environment = environment;
  }

  import(from: string, ...names: string[]): this {
    const known = this.#named.get(from) ?? new Set();
    for (const name of names) known.add(name);
    this.#named.set(from, known);
    return this;
  }

  importDefault(from: string, name: string): this {
    this.#whole.set(from, name);
    return this;
  }

  /** Text that's left out in JavaScript. */
  typed(text: string): string {
    return this.isTypeScript ? text : "";
  }

  /** An environment variable as a string. Its type allows `undefined`, so TypeScript gets a `!`. */
  env(name: string): string {
    return `${this.environment}.${name}${this.typed("!")}`;
  }

  imports(): string {
    const paths = [...new Set([...this.#named.keys(), ...this.#whole.keys()])].sort(byPackage);
    return paths
      .map((path) => {
        const names = [...(this.#named.get(path) ?? [])].sort();
        const parts = [this.#whole.get(path), names.length > 0 && `{ ${names.join(", ")} }`].filter(Boolean);
        return `import ${parts.join(", ")} from "${path}";`;
      })
      .join("\n");
  }
}

/** Sorts the application's own files last. */
function byPackage(a: string, b: string): number {
  return Number(a.startsWith(".")) - Number(b.startsWith(".")) || (a < b ? -1 : 1);
}
