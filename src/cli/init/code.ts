/** A file while it's written: imports sort and merge by themselves. */
export class Code {
  readonly #named = new Map<string, Set<string>>();
  readonly #whole = new Map<string, string>();
  readonly isTypeScript: boolean;
  readonly isBundled: boolean;
  readonly environment: string;

  /**
   * `isTypeScript` writes types and `!`; the rest is the same in both languages. A bundler wants imports without an
   * ending. `environment` is where variables are: `process.env`, or what the framework has in its place.
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

  /** TypeScript that JavaScript doesn't have. */
  typed(text: string): string {
    return this.isTypeScript ? text : "";
  }

  /** An environment variable, which may be absent, where a string is needed. */
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

/** The application's own files last. */
function byPackage(a: string, b: string): number {
  return Number(a.startsWith(".")) - Number(b.startsWith(".")) || (a < b ? -1 : 1);
}
