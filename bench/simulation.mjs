// Many seeds of the simulation: `npm run bench:simulation -- 100000`, one with its history: `SEED=17 npm run bench:simulation`,
// or its control, every planted fault: `npm run bench:simulation -- --planted`.
import { bundle, plantedFaults, remove, run, runPlanted } from "../test/simulation/bundle.mjs";

const isControl = process.argv.includes("--planted");
const [count = isControl ? "20000" : "10000", from = "0"] = process.argv
  .slice(2)
  .filter((given) => given !== "--planted");
const off = (process.env.OFF ?? "").split(",").filter(Boolean);
const file = await bundle();
try {
  if (isControl) {
    await control(file);
  } else if (process.env.SEED) {
    const { explanation } = await run(file, {
      from: Number(process.env.SEED),
      count: 1,
      off,
      explains: true,
    });
    console.log(explanation ?? "Nothing is violated.");
  } else {
    await long();
  }
} finally {
  remove(file);
}

/** Prints a row of a table for each planted fault: how many seeds it took, and which invariant found it. */
async function control(plain) {
  console.log("| Planted fault | Seeds | Found by |\n| --- | ---: | --- |");
  for (const [name, fault] of Object.entries(await plantedFaults())) {
    const range = { from: Number(from), count: Number(count), plain };
    const { failures, seeds } = await runPlanted(name, fault, range);
    const [{ invariant, message } = {}] = failures;
    console.log(`| ${name} | ${seeds} | ${invariant ?? "nothing"} |`);
    if (fault.invariants.includes(invariant)) continue;
    if (invariant)
      console.error(`"${invariant}" isn't what should find it: seed ${failures[0].seed}, ${message}`);
    process.exitCode = 1;
  }
}

/** Two processes, one for each half. */
async function long() {
  const half = Math.ceil(Number(count) / 2);
  const starts = [Number(from), Number(from) + half];
  const reports = await Promise.all(starts.map((start) => run(file, { from: start, count: half, off })));
  const failures = reports.flatMap((report) => report.failures);
  const sum = (of) => reports.reduce((total, report) => total + of(report), 0);
  const seconds = Math.max(...reports.map(({ milliseconds }) => milliseconds)) / 1_000;
  console.log(
    `${sum(({ seeds }) => seeds)} seeds, ${sum(({ events }) => events)} events, ${seconds} s (${sum(({ cpu }) => cpu) / 1_000} s of the processor), ${failures.length} failures`,
  );
  const kinds = group(failures);
  for (const [invariant, list] of kinds) {
    const { seed, message } = list[0];
    console.log(`${String(list.length).padStart(6)}  ${invariant}: seed ${seed}, ${message}`);
  }
  if (failures.length > 0) process.exitCode = 1;
}

function group(failures) {
  const kinds = new Map();
  for (const failure of failures)
    kinds.set(failure.invariant, [...(kinds.get(failure.invariant) ?? []), failure]);
  return kinds;
}
