import type { Order, Report } from "./main.js";
import type { Planted } from "./planted.js";

export function bundle(snippets?: Planted["snippets"]): Promise<string>;
export function run(file: string, order: Order): Promise<Report>;
export function remove(file: string): void;
export function plantedFaults(): Promise<Readonly<Record<string, Planted>>>;
export function runPlanted(
  name: string,
  fault: Planted,
  range: { readonly from: number; readonly count: number; readonly plain: string },
): Promise<Report>;
