/** What a printed file is written in. */
export type Language = "typescript" | "esm" | "commonjs";

/** As the store has them; `prefix` is always given. */
export interface PrintOptions {
  readonly prefix: string;
  readonly schema: string | undefined;
}
