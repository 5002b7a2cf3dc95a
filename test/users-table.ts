import FrameworksTable, { type WrittenTable } from "./frameworks-table.js";

/** Keeps the table of ports and databases in docs/users.md true, as the one of frameworks is. */
export default class UsersTable extends FrameworksTable {
  override readonly table: WrittenTable = {
    page: "docs/users.md",
    marker: "users",
    head: ["port", "database", "what ran", "passed"],
    command: "npm run docs:users",
    // See test/servers/mysql.ts.
    mayBeAbsent: ([, database = ""]) => database.startsWith("MySQL"),
  };
}
