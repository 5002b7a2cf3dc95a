/**
 * The page that shows the API and lets you try it out, rendered on the server from its OpenAPI document.
 *
 * Each form is an ordinary one that works without JavaScript. With JavaScript, it sends JSON and shows the response
 * below itself.
 *
 * @module
 */
import { html, raw, type Html } from "../../html.js";
import { documentOf } from "../../html/document.js";
import { headersOf } from "../../html/headers.js";
import type { HttpResponse } from "../../types.js";
import { renders } from "../answers.js";
import { script, style } from "./assets.js";
import type { ApiDocument, Described, Operation } from "./openapi.js";
import type { Schema } from "./schemas.js";

/** `up` is the relative URL from the page to the API's base: `.` or `..`. */
export async function docsPage(document: ApiDocument, up: string): Promise<HttpResponse> {
  const { info, servers, paths } = document;
  const [{ url } = { url: "" }] = servers;
  const page = documentOf({
    language: "en",
    title: `${info.title} API`,
    appName: undefined,
    style,
    icon: "key",
    heading: info.title,
    // `</script>` is interpolated: in the template itself, a bundler would escape it and add code for that.
    body: html`${paragraphs(info.description)}
<p>OpenAPI 3.1 document: <a href="${up}/openapi.json">openapi.json</a></p>
${Object.entries(paths).map(([path, { post }]) =>
  section({
    post,
    shown: `${url.replace(/\/$/, "")}${path}`,
    action: up + path,
    fields: fieldsOf(post, document),
  }),
)}
<script>${raw(`${script}</script>`)}`,
  });
  // It isn't known here whether the site uses https, and this page doesn't decide that.
  const headers = await headersOf(style, false, script);
  return {
    status: 200,
    headers: { ...headers, "content-type": "text/html; charset=utf-8", allow: "GET, HEAD" },
    body: String(page),
  };
}

interface Section {
  readonly post: Operation;
  readonly shown: string;
  readonly action: string;
  readonly fields: readonly Field[];
}

function section({ post, shown, action, fields }: Section): Html {
  const id = post.operationId;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${post.summary}</h2>
<p class="call"><code><b>POST</b> ${shown}</code></p>
${paragraphs(post.description)}
<form method="post" action="${action}" novalidate>
${fields.map((field) => input(field, `${id}-${field.name}`))}
<div class="field" hidden>
<label for="${id}-accept">Error format</label>
<select id="${id}-accept">${renders.map((type) => html`<option>${type}</option>`)}</select>
</div>
<button type="submit">Send</button>
</form>
<pre class="answer" role="status" aria-label="Response" hidden></pre>
<details>
<summary>All responses</summary>
<dl>${Object.entries(post.responses).map(([status, described]) => answer(status, described))}</dl>
</details>
</section>`;
}

interface Field {
  readonly name: string;
  readonly description: string;
  readonly isAddress: boolean;
  readonly isRequired: boolean;
}

function fieldsOf({ requestBody }: Operation, { components }: ApiDocument): readonly Field[] {
  const [content] = Object.values(requestBody?.content ?? {});
  const name = String(content?.schema["$ref"]).replace(/.*\//, "");
  const { properties, required } = components.schemas[name] as {
    properties: Record<string, Schema>;
    required: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, format }]) => ({
    name,
    description: String(description),
    isAddress: format === "email",
    isRequired: required.includes(name),
  }));
}

function input({ name, description, isAddress, isRequired }: Field, id: string): Html {
  return html`<div class="field">
<label for="${id}"><code>${name}</code>${!isRequired && html` <span>optional</span>`}</label>
<p class="hint" id="${id}-hint">${description}</p>
<input id="${id}" name="${name}" type="text" autocomplete="off" autocapitalize="none" spellcheck="false"${isAddress && raw(' inputmode="email"')}${isRequired && raw(" required")} aria-describedby="${id}-hint">
</div>`;
}

/** Each paragraph of the description has its own example. */
function answer(status: string, { description, content }: Described): Html {
  const examples = Object.values(content[renders[0]]?.examples ?? {});
  const cases = paragraphs(description).map(
    (text, index) => html`${text}<pre>${JSON.stringify(examples[index]?.value)}</pre>`,
  );
  return html`<dt><code>${status}</code></dt>
<dd>${cases}</dd>`;
}

/** The subset of Markdown that descriptions use: paragraphs, and code in them. */
function paragraphs(text: string): readonly Html[] {
  return text.split("\n\n").map((paragraph) => {
    const parts = paragraph.split("`");
    return html`<p>${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}</p>`;
  });
}
