/**
 * What stands behind Cloudflare's own D1 client in workerd: its wire, spoken by a Durable Object over its SQLite.
 */
export class Sqlite {
  #sql;

  constructor({ storage }) {
    this.#sql = storage.sql;
  }

  async fetch(request) {
    const asked = await request.json();
    const wantsRows = !request.url.endsWith("resultsFormat=NONE");
    return Response.json([asked].flat().map((statement) => this.#answer(statement, wantsRows)));
  }

  #answer({ sql, params = [] }, wantsRows) {
    try {
      const values = params.map((value) => (Array.isArray(value) ? new Uint8Array(value) : value));
      const cursor = this.#sql.exec(sql, ...values);
      const rows = [...cursor.raw()].map((row) => row.map(toJson));
      const results = wantsRows ? { columns: cursor.columnNames, rows } : [];
      const { changes } = this.#sql.exec("select changes() as changes").one();
      return { success: true, results, meta: { changes, duration: 0 } };
    } catch (error) {
      return { success: false, error: error.message };
    }
  }
}

export default { fetch: (request, { SQLITE }) => SQLITE.get(SQLITE.idFromName("d1")).fetch(request) };

/** Bytes are a list of numbers there. */
function toJson(value) {
  return value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value;
}
