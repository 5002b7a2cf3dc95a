import type { SqlValue } from "../../ports.js";

/** MariaDB's driver sends bytes as text, unless they're a Buffer. An ORM that has this driver runs on Node, so there is one. */
export function withBuffers(values: readonly SqlValue[]): unknown[] {
  const { Buffer: NodeBytes } = globalThis as { Buffer?: { from(bytes: Uint8Array): Uint8Array } };
  return values.map((value) => (value instanceof Uint8Array && NodeBytes ? NodeBytes.from(value) : value));
}

/** libSQL returns bytes as an ArrayBuffer. */
export function withoutBuffer(value: unknown): unknown {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}
