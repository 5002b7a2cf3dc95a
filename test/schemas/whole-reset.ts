import { passwordReset } from "resetkit";
import { sqlStore } from "resetkit/stores/sql";
import { outbox } from "resetkit/testing";
import { memoryUsers } from "resetkit/users/memory";
import type { SqlConnection } from "resetkit/types";
import { expect } from "vitest";

/** Tables are good if the store says so, and a reset runs through them. */
export async function expectTablesToWork(connection: SqlConnection, prefix = "resetkit_"): Promise<void> {
  const store = sqlStore(connection, { prefix });
  await store.check!();
  const mail = outbox();
  const reset = passwordReset({
    users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
    secret: "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store,
    url: "https://example.com/reset/{token}",
    deliver: mail.deliver,
    throttles: "fair",
  });
  await reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.1" });
  await reset.drain();
  const { token } = await mail.next("ada@example.com");
  expect(await reset.confirm({ token, password: "thunder marmalade quay" })).toMatchObject({ id: 1 });
  await reset.close();
}
