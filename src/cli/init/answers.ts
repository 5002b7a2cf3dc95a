import type { SqlDialect } from "../../types.js";
import { dialectOf } from "../project/dialect.js";
import type { Project } from "../project/project.js";
import {
  clientOf,
  frameworkOf,
  hasherOf,
  packageManagerOf,
  type DatabaseClient,
  type Framework,
  type Hasher,
  type PackageManager,
} from "./detect.js";
import { usersTableOf, type UsersTable } from "./users-table.js";

/** What must be known before anything can be written: detected in the project, and confirmed if someone is at the terminal. */
export interface Answers {
  readonly framework: Framework;
  readonly client: DatabaseClient;
  readonly dialect: SqlDialect;
  readonly users: UsersTable;
  readonly hasher: Hasher;
  readonly packageManager: PackageManager;
}

export function found(project: Project): Answers {
  const client = clientOf(project);
  const usual = client === "mysql2" ? "mysql" : client === "better-sqlite3" ? "sqlite" : "postgres";
  return {
    framework: frameworkOf(project),
    client,
    dialect: dialectOf(project) ?? usual,
    users: usersTableOf(project),
    hasher: hasherOf(project),
    packageManager: packageManagerOf(project),
  };
}
