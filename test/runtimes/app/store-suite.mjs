import { migrate, sqlStore } from "resetkit/stores/sql";
import { storeCases } from "resetkit/testing";

const prefix = "suite_";

/** The names of the promises of a store, or, of the one with that number, what is wrong with it on this database. */
export async function storeSuite(connection, number) {
  const lacksOne = ({ needs }) => needs === "transaction" && !connection.transaction;
  const cases = storeCases.filter((one) => !lacksOne(one));
  if (!number) return cases.map(({ name }) => name);
  await migrate(connection, { prefix });
  for (const table of ["tokens", "counters", "queue"]) {
    await connection.query({ text: `delete from ${prefix}${table}`, rows: false }, []);
  }
  return cases[number].run(sqlStore(connection, { prefix })).then(
    () => "kept",
    (error) => String(error),
  );
}
