export default defineNuxtConfig({
  compatibilityDate: "2026-06-01",
  css: ["~/assets/style.css"],
  // The page of the link has the token in its address until its script has run.
  app: {
    head: {
      title: "Example",
      htmlAttrs: { lang: "en" },
      meta: [{ name: "referrer", content: "no-referrer" }],
    },
  },
});
