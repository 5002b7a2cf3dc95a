/** The language and module format of a printed file. */
export type Language = "typescript" | "esm" | "commonjs";

/** The store's options of the same names. `prefix` is always present. */
export interface PrintOptions {
  readonly prefix: string;
  readonly schema: string | undefined;
}
