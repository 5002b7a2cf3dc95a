// Asks Prisma's schema engine for a diff, or for a push. Its input is its argument; the last line it prints is its answer.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const { modules, url, dialect, text, command, folder } = JSON.parse(process.argv[2]);
const load = (file) => import(join(modules, "@prisma", file));

// The engine reports a panic here; without it, the message is lost.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };

const wasm = join(modules, "@prisma/schema-engine-wasm");
const background = await load("schema-engine-wasm/schema_engine_bg.js");
const bytes = await readFile(join(wasm, "schema_engine_bg.wasm"));
const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": background });
background.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const { bindMigrationAwareSqlAdapterFactory } = await load("driver-adapter-utils/dist/index.mjs");
const adapter = bindMigrationAwareSqlAdapterFactory(await adapterOf());
const options = { datamodels: [["schema.prisma", text]] };
const engine = await background.SchemaEngine.new(options, () => undefined, adapter);
const files = [{ path: "schema.prisma", content: text }];
const filters = { externalTables: [], externalEnums: [] };
const outcome =
  command === "push"
    ? await engine.schemaPush({ force: false, schema: { files }, filters })
    : await engine.diff({
        from: { tag: "schemaDatasource", files, configDir: folder },
        to: { tag: "schemaDatamodel", files },
        script: true,
        exitCode: null,
        shadowDatabaseUrl: null,
        filters,
      });
process.stdout.write(`\n${JSON.stringify(outcome)}`, () => process.exit());

async function adapterOf() {
  if (dialect === "postgresql") {
    const { PrismaPg } = await load("adapter-pg/dist/index.mjs");
    return new PrismaPg(await poolOf());
  }
  const { PrismaLibSql } = await load("adapter-libsql/dist/index-node.mjs");
  return new PrismaLibSql({ url });
}

/** The engine asks the catalog for columns of the type "char", which the adapter doesn't know. They're sent as text. */
async function poolOf() {
  const { default: pg } = await import(join(modules, "pg/lib/index.js"));
  const pool = new pg.Pool({ connectionString: url });
  const query = pool.query.bind(pool);
  const types = { char: 18, text: 25 };
  pool.query = async (...given) => {
    const result = await query(...given);
    for (const field of result.fields ?? []) {
      if (field.dataTypeID === types.char) field.dataTypeID = types.text;
    }
    return result;
  };
  return pool;
}
