import { expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import type { Message, TokenStore } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

/** A kit that writes down what is done on behalf of a request, and who is asked for by what. */
function watchedKit() {
  const accounts = people("known@example.com", "inactive@example.com", "capped@example.com");
  accounts.byId.get(2)!.active = false;
  const done: string[] = [];
  const store = memoryStore();
  const tokens: TokenStore = {
    ...store.tokens,
    async put(...given) {
      const outcome = await store.tokens.put(...given);
      done.push(outcome);
      return outcome;
    },
    async delivered(...given) {
      done.push("settled");
      return store.tokens.delivered(...given);
    },
    async finish(...given) {
      done.push("settled");
      return store.tokens.finish(...given);
    },
  };
  const built = (message: Message<Person>) => void done.push(`${message.kind} mail built`);
  const deliver = Object.assign(built, { dryRun: built });
  const kit = makeKit({ store: { ...store, tokens }, deliver }, accounts);
  const workFor = async (identifier: string) => {
    done.length = 0;
    await kit.reset.request({ identifier });
    await kit.reset.drain();
    return [...done];
  };
  return { kit, store, workFor };
}

const work = ["stored", "reset mail built", "settled"];

it.each(["known@example.com", "unknown@example.com", "inactive@example.com"])(
  "a request for %s costs a row, a mail and a note about it",
  async (identifier) => {
    expect(await watchedKit().workFor(identifier)).toEqual(work);
  },
);

it("and so it does for an account that has had its mails, which keeps the rows that it has", async () => {
  const { store, workFor } = watchedKit();
  for (let n = 0; n < 3; n++) await workFor("capped@example.com");
  const before = await store.tokens.list({ limit: 10 });
  expect(await workFor("capped@example.com")).toEqual(["over_cap", ...work]);
  expect(await store.tokens.list({ limit: 10 })).toEqual(before);
});
