import type { Order, Report } from "./main.js";

export function bundle(
  snippets?: readonly { readonly find: string; readonly replace: string }[],
): Promise<string>;
export function run(file: string, order: Order): Promise<Report>;
export function remove(file: string): void;
