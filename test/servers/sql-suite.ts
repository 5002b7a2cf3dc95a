import { afterAll, beforeAll, describe, it } from "vitest";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { storeSuite, type StorePart } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { isWhole } from "../sample.js";

/** Runs the store suite over a connection to a database of its own, whose tables are emptied for each case. */
export function sqlSuite(
  name: string,
  open: () => Promise<{ readonly connection: SqlConnection; readonly close: () => unknown }>,
  lacks: readonly StorePart[] = [],
): void {
  describe(name, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
      await migrate(opened.connection);
    });
    afterAll(() => opened?.close());

    const empty = async () => {
      for (const table of ["tokens", "counters", "queue"]) {
        await opened.connection.query({ text: `delete from resetkit_${table}`, rows: false }, []);
      }
      return { store: sqlStore(opened.connection) };
    };
    storeSuite({ describe, it }, name, empty, { lacks });
  });
}

/** The same for a client that runs the suite on another database already: only in a whole run. */
export const sqlSuiteAgain: typeof sqlSuite = (...given) => void (isWhole && sqlSuite(...given));
