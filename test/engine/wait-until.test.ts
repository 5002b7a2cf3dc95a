import { expect, it } from "vitest";
import { makeKit } from "../kit.js";

/** An engine in a function that freezes after its answer, but for what it handed to `waitUntil`. */
function inFunction() {
  const kit = makeKit({ worker: "waitUntil" });
  const handed: Promise<unknown>[] = [];
  return { ...kit, handed, waitUntil: (work: Promise<unknown>) => void handed.push(work) };
}

it.concurrent(
  "a request is answered before the account is looked up, and its mail goes out in what waitUntil was given",
  async () => {
    const kit = inFunction();
    await kit.reset.request({ identifier: "ada@example.com" }, { waitUntil: kit.waitUntil });
    expect(kit.calls.findByIdentifier).toBe(0);
    expect(kit.handed).toHaveLength(1);
    await kit.handed[0];
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset"]);
  },
);

it.concurrent("an unknown account hands over work as well", async () => {
  const kit = inFunction();
  await kit.reset.request({ identifier: "nobody@example.com" }, { waitUntil: kit.waitUntil });
  await Promise.all(kit.handed);
  expect(kit.handed).toHaveLength(1);
  expect(kit.mails).toEqual([]);
});

it.concurrent("the notice of a changed password goes the same way", async () => {
  const kit = inFunction();
  await kit.reset.request({ identifier: "ada@example.com" }, { waitUntil: kit.waitUntil });
  await Promise.all(kit.handed);
  const mail = kit.mails[0]!;
  const token = mail.kind === "reset" ? mail.token : "";
  await kit.reset.confirm({ token, password: "Correct-horse-9" }, { waitUntil: kit.waitUntil });
  await Promise.all(kit.handed);
  expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
});

it.concurrent(
  "a failed delivery rejects nothing, and the next request takes it along once its pause is over",
  async () => {
    let down = true;
    const sent: string[] = [];
    const handed: Promise<unknown>[] = [];
    const kit = makeKit({
      worker: "waitUntil",
      deliver(message) {
        if (down) throw new Error("421 try later");
        sent.push(message.address);
      },
    });
    const context = { waitUntil: (work: Promise<unknown>) => void handed.push(work) };
    await kit.reset.request({ identifier: "ada@example.com" }, context);
    await expect(Promise.all(handed)).resolves.toEqual([undefined]);
    down = false;
    kit.clock.now += 2_000;
    await kit.reset.request({ identifier: "nobody@example.com" }, context);
    await Promise.all(handed);
    expect(sent).toEqual(["ada@example.com"]);
  },
);

it.concurrent("a request without waitUntil is warned of, once", async () => {
  const kit = makeKit({ worker: "waitUntil" });
  await kit.reset.request({ identifier: "ada@example.com" });
  await kit.reset.request({ identifier: "ada@example.com" });
  expect(kit.log.lines.filter((line) => line.includes("no context.waitUntil"))).toHaveLength(1);
});
