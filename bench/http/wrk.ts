import { program, run } from "../../test/servers/debian.js";
import type { Slice } from "./rounds.js";

export interface Load {
  readonly port: number;
  /** What is sent, and the answer that each must get: see `load.lua`. */
  readonly file: string;
  readonly seconds: number;
  readonly connections: number;
}

/** Drives a server in a closed loop, with wrk: one thread, in C, takes least from the machine that it shares. */
export async function drive({ port, file, seconds, connections }: Load): Promise<Slice> {
  const wrk = await program("command -v wrk", "wrk");
  const how = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "-s", "bench/http/load.lua"];
  const { stdout } = await run(wrk, [...how, `http://127.0.0.1:${port}`, "--", file]);
  const figures = /^FIGURES (.*)$/m.exec(stdout)?.[1];
  if (!figures) throw new Error(`wrk printed no figures: ${stdout}`);
  const { lost, wrong, ...rest } = JSON.parse(figures);
  return { ...rest, wrong: wrong + lost, example: /^EXAMPLE (.*)$/m.exec(stdout)?.[1] ?? "" };
}
