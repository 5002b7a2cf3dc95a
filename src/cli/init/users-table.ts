import type { Project } from "../project/project.js";
import { sourcesOf } from "./detect.js";

/** Where the accounts are. A guess that the user has to check. */
export interface UsersTable {
  readonly table: string;
  readonly id: string;
  readonly identifier: string;
  readonly passwordHash: string;
}

const usual: UsersTable = { table: "users", id: "id", identifier: "email", passwordHash: "password_hash" };
const hashName = /^(?:password_?hash|hashed_?password|password_?digest|encrypted_?password|password|hash)$/i;

/** Reads the table and its columns from a Prisma or Drizzle schema. */
export function usersTableOf(project: Project): UsersTable {
  return inPrisma(project) ?? inDrizzle(project) ?? usual;
}

function inPrisma(project: Project): UsersTable | undefined {
  const schema = project.read("prisma/schema.prisma") || project.read("schema.prisma");
  const [, model = "", body] = /^model (User|Users|Account|Accounts) \{\n([^}]*)\}/m.exec(schema) ?? [];
  if (body === undefined) return undefined;
  const columns = [...body.matchAll(/^\s+(\w+)\s+\w+[?]?(.*)$/gm)].map(([, name = "", rest = ""]) => ({
    name,
    column: /@map\("([^"]+)"\)/.exec(rest)?.[1] ?? name,
    isId: /@id\b/.test(rest),
  }));
  return tableOf(/@@map\("([^"]+)"\)/.exec(body)?.[1] ?? model, columns);
}

function inDrizzle(project: Project): UsersTable | undefined {
  for (const path of sourcesOf(project)) {
    const [, table = "", body] =
      /Table\(\s*["'](users?|accounts?)["'],\s*\{([\s\S]*?)\n\}/.exec(project.read(path)) ?? [];
    if (body === undefined) continue;
    const columns = [...body.matchAll(/^\s+(\w+):\s*\w+\((?:["'](\w+)["'])?(.*)$/gm)].map(
      ([, name = "", column = name, rest = ""]) => ({ name, column, isId: /\.primaryKey\(/.test(rest) }),
    );
    return tableOf(table, columns);
  }
  return undefined;
}

interface Column {
  readonly name: string;
  readonly column: string;
  readonly isId: boolean;
}

function tableOf(table: string, columns: readonly Column[]): UsersTable {
  const named = (test: (column: Column) => boolean) => columns.find(test)?.column;
  return {
    table,
    id: named(({ isId }) => isId) ?? usual.id,
    identifier: named(({ name }) => /^e_?mail$/i.test(name)) ?? usual.identifier,
    passwordHash: named(({ name }) => hashName.test(name)) ?? usual.passwordHash,
  };
}
