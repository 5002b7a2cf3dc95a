import { style as pagesStyle } from "../../html/style.js";

/** The look of the pages, with room for what an API has to show. */
export const style = `${pagesStyle}
body { padding-top: clamp(1.25rem, 4vh, 3rem); }
main { max-width: 46rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.875rem; }
p code { color: var(--ink); }
pre { margin: 0 0 1rem; padding: 0.75rem 0.875rem; border-radius: 0.625rem; background: var(--paper); white-space: pre-wrap; }
section { margin: 2.5rem 0 0; padding: 2rem 0 0; border-top: 1px solid var(--line); }
h2 { margin: 0 0 0.5rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -0.01em; }
.call { margin: 0 0 0.75rem; }
.call b { margin-right: 0.5rem; padding: 0.125rem 0.5rem; border-radius: 0.375rem; background: var(--tint); color: var(--accent); }
label span { color: var(--soft); font-weight: 400; font-size: 0.875rem; }
select {
  width: 100%;
  min-height: 3rem;
  padding: 0.625rem 2.5rem 0.625rem 0.875rem;
  border: 1px solid var(--edge);
  border-radius: 0.625rem;
  /* An arrow as far from the edge as the text is; the policy lets no image be loaded, not even out of this text. */
  appearance: none;
  background:
    linear-gradient(45deg, transparent 50%, var(--soft) 50%) right 1.25rem center / 0.375rem 0.375rem no-repeat,
    linear-gradient(-45deg, transparent 50%, var(--soft) 50%) right 0.875rem center / 0.375rem 0.375rem no-repeat,
    var(--card);
  color: inherit;
  font: inherit;
}
.field[hidden] { display: none; }
.answer { margin: 1.25rem 0 0; border: 1px solid var(--line); }
details { margin: 1.25rem 0 0; }
summary { cursor: pointer; color: var(--accent); font-weight: 550; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.75rem 1rem; margin: 1rem 0 0; }
dd { margin: 0; min-width: 0; }
dd p, dd pre { margin: 0 0 0.5rem; font-size: 0.875rem; }
`;

/**
 * Sends a form as JSON and shows the response as text. The page's policy allows exactly this script, and requests to
 * the page's own site only.
 */
export const script = `
for (const form of document.forms) {
  const accept = form.querySelector("select");
  const button = form.querySelector("button");
  const answer = form.nextElementSibling;
  accept.parentElement.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = [...form.querySelectorAll("input")].filter(({ value, required }) => required || value !== "");
    answer.hidden = false;
    answer.textContent = "…";
    button.disabled = true;
    answer.textContent = await send(form.action, accept.value, sent).catch((error) => "No response: " + error.message);
    button.disabled = false;
  });
}

async function send(url, accept, inputs) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify(Object.fromEntries(inputs.map(({ name, value }) => [name, value]))),
  });
  const text = await response.text();
  const headers = [...response.headers].filter(([name]) => /^(content-type|retry-after)$/.test(name));
  return [response.status + " " + response.statusText, ...headers.map((pair) => pair.join(": ")), "", indent(text)].join("\\n");
}

function indent(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
`;
