import { posix } from "node:path";
import type { SqlDialect } from "../../types.js";
import type { Project } from "../project/project.js";
import type { Answers } from "./answers.js";
import type { Code } from "./code.js";
import { exportedClient, type DatabaseClient } from "./detect.js";

/** The database in the written file: the statements that create it, and resetkit's connection to it. */
export interface Connected {
  readonly lines: readonly string[];
  /** What wraps the client, such as `pg(pool)`. */
  readonly connection: string;
  /** Must be awaited before the first query. */
  readonly start?: string;
  /** Closes it, so that a command can exit. */
  readonly end: string;
}

type SqlClient = Exclude<DatabaseClient, "mongodb" | "none">;

interface Client {
  /** Matches how an application creates one. Such an export is used as it is. */
  readonly made: RegExp;
  readonly name: string;
  /** One of resetkit's import paths, and what it exports. */
  readonly connection: readonly [path: string, name: string];
  /** The expression that creates one, for an application that doesn't export one. */
  make(code: Code, dialect: SqlDialect, project: Project, file: string): string;
  readonly start?: string;
  /** The method call that closes it. */
  end(dialect: SqlDialect): string;
}

const sqlClients: Readonly<Record<SqlClient, Client>> = {
  pg: {
    made: /new (?:pg\.)?Pool\(/,
    name: "pool",
    end: () => "end()",
    connection: ["pg", "pg"],
    make(code) {
      code.import("pg", "Pool");
      return `new Pool({ connectionString: ${code.environment}.DATABASE_URL })`;
    },
  },
  postgres: {
    made: /postgres\(/,
    name: "sql",
    end: () => "end()",
    connection: ["postgres-js", "postgresJs"],
    make(code) {
      code.importDefault("postgres", "postgres");
      return `postgres(${code.env("DATABASE_URL")})`;
    },
  },
  mysql2: {
    made: /(?:mysql\.)?createPool\(/,
    name: "pool",
    end: () => "end()",
    connection: ["mysql2", "mysql2"],
    make(code) {
      code.import("mysql2/promise", "createPool");
      return `createPool(${code.env("DATABASE_URL")})`;
    },
  },
  "better-sqlite3": {
    made: /(?:new )?(?:Database|Sqlite|SQLite|BetterSqlite3)\(/,
    name: "db",
    end: () => "close()",
    connection: ["better-sqlite3", "betterSqlite3"],
    make(code) {
      code.importDefault("better-sqlite3", "Database");
      return `new Database(${code.environment}.DATABASE_FILE ?? "app.db")`;
    },
  },
  knex: {
    made: /(?:knex|Knex|createKnex|knexFactory)\(/,
    name: "db",
    end: () => "destroy()",
    connection: ["knex", "knex"],
    make(code, dialect) {
      code.importDefault("knex", "createKnex");
      const driver = { postgres: "pg", mysql: "mysql2", sqlite: "better-sqlite3" }[dialect];
      const where = dialect === "sqlite" ? '"app.db"' : code.env("DATABASE_URL");
      return `createKnex({ client: "${driver}", connection: ${where}, useNullAsDefault: true })`;
    },
  },
  kysely: {
    made: /new Kysely\b/,
    name: "db",
    end: () => "destroy()",
    connection: ["kysely", "kysely"],
    make(code, dialect) {
      const [name, driver] = kyselyDialect(code, dialect);
      code.import("kysely", "Kysely", name);
      return `new Kysely${code.typed("<any>")}({ dialect: new ${name}({ ${driver} }) })`;
    },
  },
  typeorm: {
    made: /new DataSource\(/,
    name: "source",
    end: () => "destroy()",
    connection: ["typeorm", "typeorm"],
    make(code, dialect) {
      code.import("typeorm", "DataSource");
      if (dialect === "sqlite") return 'new DataSource({ type: "better-sqlite3", database: "app.db" })';
      return `new DataSource({ type: "${dialect}", url: ${code.env("DATABASE_URL")} })`;
    },
    start: "if (!source.isInitialized) await source.initialize();",
  },
  sequelize: {
    made: /new Sequelize\(/,
    name: "db",
    end: () => "close()",
    connection: ["sequelize", "sequelize"],
    make(code, dialect) {
      code.import("sequelize", "Sequelize");
      if (dialect === "sqlite") return 'new Sequelize({ dialect: "sqlite", storage: "app.db" })';
      return `new Sequelize(${code.env("DATABASE_URL")})`;
    },
  },
  "mikro-orm": {
    made: /(?:await )?MikroORM\.init(?:Sync)?\(/,
    name: "orm",
    end: () => "close()",
    connection: ["mikro-orm", "mikroOrm"],
    make(code, dialect, project) {
      const drivers = mikroOrmDrivers[dialect];
      const driver = drivers.find((name) => project.packages.has(`@mikro-orm/${name}`)) ?? drivers[0];
      code.import(`@mikro-orm/${driver}`, "MikroORM");
      const where = dialect === "sqlite" ? 'dbName: "app.db"' : `clientUrl: ${code.env("DATABASE_URL")}`;
      // A CommonJS application can't require a file that awaits. This instance connects with the first query.
      return `MikroORM.initSync({ ${where}, discovery: { warnWhenNoEntities: false } })`;
    },
  },
  drizzle: {
    made: /drizzle\(/,
    name: "db",
    end: (dialect) => (dialect === "sqlite" ? "$client.close()" : "$client.end()"),
    connection: ["drizzle", "drizzle"],
    make(code, dialect) {
      const driver = { postgres: "node-postgres", mysql: "mysql2", sqlite: "better-sqlite3" }[dialect];
      code.import(`drizzle-orm/${driver}`, "drizzle as createDrizzle");
      return dialect === "sqlite" ? 'createDrizzle("app.db")' : `createDrizzle(${code.env("DATABASE_URL")})`;
    },
  },
  prisma: {
    made: /new PrismaClient\(/,
    name: "client",
    end: () => "$disconnect()",
    connection: ["prisma", "prisma"],
    make(code, dialect, project, file) {
      code.import(prismaClientOf(project, file, code.isBundled), "PrismaClient");
      const adapter = adapters[dialect];
      if (!project.packages.has(`@prisma/${adapter.package}`)) return "new PrismaClient()";
      code.import(`@prisma/${adapter.package}`, adapter.name);
      return `new PrismaClient({ adapter: new ${adapter.name}(${adapter.options(code)}) })`;
    },
  },
};

const adapters = {
  postgres: {
    package: "adapter-pg",
    name: "PrismaPg",
    options: (code: Code) => `{ connectionString: ${code.env("DATABASE_URL")} }`,
  },
  mysql: {
    package: "adapter-mariadb",
    name: "PrismaMariaDb",
    options: (code: Code) => code.env("DATABASE_URL"),
  },
  sqlite: {
    package: "adapter-better-sqlite3",
    name: "PrismaBetterSqlite3",
    options: (code: Code) => `{ url: ${code.env("DATABASE_URL")} }`,
  },
} as const;

const mikroOrmDrivers: Readonly<Record<SqlDialect, readonly [string, ...string[]]>> = {
  postgres: ["postgresql"],
  mysql: ["mysql", "mariadb"],
  sqlite: ["better-sqlite", "sqlite", "libsql"],
};

/** The application's database client, through its own export if it has one, and resetkit's connection around it. */
export function connectedTo(
  client: SqlClient,
  { dialect }: Answers,
  project: Project,
  code: Code,
  file: string,
): Connected {
  const { made, name, connection, make, start, end } = sqlClients[client];
  const [path, wrap] = connection;
  code.import(`resetkit/connections/${path}`, wrap);
  const own = exportedClient(project, made);
  if (own) {
    code.import(
      relativeImport(file, own.path, code.isBundled),
      own.name === wrap ? `${own.name} as ${name}` : own.name,
    );
    const used = own.name === wrap ? name : own.name;
    return {
      lines: [],
      connection: `${wrap}(${used})`,
      ...(start && { start: start.replaceAll("source", used) }),
      end: `${used}.${end(dialect)}`,
    };
  }
  return {
    lines: [
      `// If your app already has a ${clientName(client)}, import that one instead.`,
      `const ${name} = ${make(code, dialect, project, file)};`,
    ],
    connection: `${wrap}(${name})`,
    ...(start && { start }),
    end: `${name}.${end(dialect)}`,
  };
}

const clientNames: Readonly<Record<string, string>> = {
  pg: "pool",
  mysql2: "pool",
  typeorm: "data source",
  "mikro-orm": "MikroORM instance",
};

function clientName(client: SqlClient): string {
  return clientNames[client] ?? "database client";
}

function kyselyDialect(code: Code, dialect: SqlDialect): readonly [string, string] {
  if (dialect === "sqlite") {
    code.importDefault("better-sqlite3", "Database");
    return ["SqliteDialect", 'database: new Database("app.db")'];
  }
  if (dialect === "mysql") {
    code.import("mysql2", "createPool");
    return ["MysqlDialect", `pool: createPool(${code.env("DATABASE_URL")})`];
  }
  code.import("pg", "Pool");
  return ["PostgresDialect", `pool: new Pool({ connectionString: ${code.environment}.DATABASE_URL })`];
}

/** Prisma 7 generates the client into a folder of the project, and the older generator into node_modules. */
function prismaClientOf(project: Project, file: string, isBundled: boolean): string {
  const path = project.has("prisma/schema.prisma") ? "prisma/schema.prisma" : "schema.prisma";
  const generator = /generator \w+ \{([^}]*)\}/.exec(project.read(path))?.[1] ?? "";
  const output = /\boutput\s*=\s*"([^"]+)"/.exec(generator)?.[1];
  if (!output || /"prisma-client-js"/.test(generator)) return "@prisma/client";
  return relativeImport(file, posix.join(posix.dirname(path), output, "client.ts"), isBundled);
}

/** The path by which one file of the project imports another. Node requires the extension; bundlers don't. */
export function relativeImport(from: string, to: string, isBundled: boolean): string {
  const path = posix.relative(posix.dirname(from), to);
  const ending = isBundled ? "" : /\.m[jt]s$/.test(to) ? ".mjs" : ".js";
  return (path.startsWith(".") ? path : `./${path}`).replace(/\.[mc]?[jt]s$/, ending);
}
