import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join, resolve } from "node:path";
import { html, type Html } from "../html.js";
import { mails } from "./preview/mails.js";
import { pages } from "./preview/pages.js";
import type { Rendered } from "./preview/rendered.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

export const preview: Command = {
  name: "preview",
  usage: "[--out <folder>] [--locale <language>] [--app-name <name>] [--port <number>]",
  summary: "shows every email and every page, in any language",
  help: `Renders each email as HTML and as text (link, code, invitation, password changed, unknown account), and each page,
for a made-up account. Sends nothing, and needs no configuration.

  resetkit preview                     serves them on http://127.0.0.1:4400, for this computer only
  resetkit preview --out previews      writes them to a folder instead
  resetkit preview --locale de         in that language; for several, use commas: en,de. Default: en
  resetkit preview --app-name Example  the name of your app

Ctrl+C stops it.`,
  options: {
    out: { type: "string" },
    locale: { type: "string" },
    "app-name": { type: "string" },
    port: { type: "string" },
  },
  async run(call) {
    if (call.words.length > 0) throw new UsageError("preview takes no words, only options.");
    const rendered = await renderAll(call);
    const { out } = call.options as Record<string, string | undefined>;
    if (out === undefined) return serve(call, rendered);
    const folder = resolve(call.terminal.folder, out);
    const all = [...rendered, { file: "index.html", title: "", text: String(indexOf(rendered)) }];
    for (const { file, text } of all) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    say(call, `Wrote ${all.length} files. Open ${join(folder, "index.html")}.`, {
      files: all.map(({ file }) => file),
    });
  },
};

async function renderAll({ options }: Call): Promise<Rendered[]> {
  const appName = (options["app-name"] as string | undefined) ?? "Example";
  const locales = ((options["locale"] as string | undefined) ?? "en").split(",").map((one) => one.trim());
  const rendered: Rendered[] = [];
  for (const locale of locales) {
    const given = { locale, appName, languages: await languagesFor(locale) };
    rendered.push(...(await mails(given)), ...(await pages(given)));
  }
  return rendered;
}

/** English and German are built in. Any other language is a separate file, imported as an application does. */
async function languagesFor(locale: string): Promise<object> {
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(locale)) {
    throw new UsageError(`--locale is ${JSON.stringify(locale)}. Use a language such as en, de, or pt-BR.`);
  }
  const name = locale.toLowerCase();
  if (/^(?:en|de)(?:-|$)/.test(name)) return {};
  for (const file of [name, name.replace(/-.*/, "")]) {
    const found = await import(`resetkit/locales/${file}`).catch(() => undefined);
    if (found) return { locales: Object.values(found as object).slice(0, 1) };
  }
  throw new UsageError(`resetkit has no language "${locale}". See docs/pages.md for the list of languages.`);
}

async function serve(call: Call, rendered: readonly Rendered[]): Promise<void> {
  const port = Number(call.options["port"] ?? 4400);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(
      `--port is ${JSON.stringify(call.options["port"])}. Use a whole number from 0 to 65535.`,
    );
  }
  const files = new Map(rendered.map((one) => [`/${one.file}`, one]));
  const server = createServer((request, response) => {
    // Another website's domain could point here (DNS rebinding).
    if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? "")) {
      return void response.writeHead(403).end();
    }
    const [path = "/"] = request.url?.split("?", 1) ?? [];
    const found = files.get(path);
    if (!found && path !== "/") return void response.writeHead(404).end();
    const type = path.endsWith(".txt") ? "text/plain" : "text/html";
    response.writeHead(200, {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-store",
      // Forms do nothing, since the account doesn't exist.
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'",
    });
    response.end(found ? found.text : String(indexOf(rendered)));
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(port, "127.0.0.1", listening);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}/`;
  say(call, `Previews: ${url}\nPress Ctrl+C to stop.`, { url });
  await new Promise<void>((stopped) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped());
  });
  server.closeAllConnections();
  server.close();
}

function indexOf(rendered: readonly Rendered[]): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Previews</title></head>
<body>
<h1>Previews</h1>
<ul>
${rendered.map(({ file, title }) => html`<li><a href="${file}">${file}</a> ${title}</li>\n`)}
</ul>
</body>
</html>
`;
}
