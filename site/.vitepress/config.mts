import { defineConfig } from "vitepress";
import { llmsTxt } from "../llms.mts";
import { groupTitledBlocks, idOfHeading, linkOutside } from "../markdown.mts";
import { sidebar } from "../sidebar.mts";

/** The site is `docs/` as it is: no page is written for it. docs/decisions/196-vitepress-for-the-site.md says why VitePress. */
// eslint-disable-next-line no-restricted-syntax -- VitePress reads the default.
export default defineConfig({
  title: "resetkit",
  description: "Password reset for TypeScript back ends that already have accounts",
  lang: "en-US",
  srcDir: "../docs",
  outDir: "dist",
  cleanUrls: true,
  // The name of a code block's language is too pale by default (WCAG 1.4.3).
  head: [["style", {}, "html:root { --vp-code-lang-color: var(--vp-c-text-2) }"]],
  rewrites: { "README.md": "index.md", ":folder/README.md": ":folder/index.md" },
  // A link to a page that isn't there fails the build, unless it's evidence, which a run has yet to write.
  ignoreDeadLinks: [/evidence\/[\w-]+/],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: linkOutside,
    anchor: { slugify: idOfHeading },
  },
  vite: { plugins: [groupTitledBlocks], build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    search: { provider: "local" },
    sidebar: sidebar(),
    outline: [2, 3],
    nav: [
      { text: "Start", link: "/" },
      { text: "API reference", link: "/reference/" },
      { text: "Evidence", link: "/evidence/" },
      { text: "Security", link: "/security/" },
    ],
    socialLinks: [{ icon: "github", link: "https://github.com/placeholder_organization/resetkit" }],
  },
  buildEnd: ({ outDir, pages, srcDir }) => llmsTxt({ outDir, pages, srcDir }),
});
