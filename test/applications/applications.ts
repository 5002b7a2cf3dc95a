/** The whole applications of `examples`, and what is particular to each. */
export interface Application {
  readonly name: string;
  /** In `examples`. */
  readonly folder: string;
  /** Its front end is a program and an origin of its own, started by `npm run start:web`. */
  readonly hasOwnFrontEnd?: boolean;
  /** A Worker of Cloudflare, with its own D1, in place of a server. */
  readonly isWorker?: boolean;
  /** The Node that it needs, if not the one that the tests run on. */
  readonly node?: "node22";
  readonly database: string;
  /** What `npm run build` runs. */
  readonly build: string;
  readonly pages: string;
  /** The SQL that creates its tables, or the npm script that does. Default: `schema.sql`. */
  readonly tables?: string | readonly [script: string];
}

export const applications: readonly Application[] = [
  {
    name: "Express, and React on another origin",
    folder: "express-react",
    hasOwnFrontEnd: true,
    database: "PostgreSQL, pg",
    build: "tsc, vite build",
    pages: "React hooks, React Router",
  },
  {
    name: "Next.js and Prisma",
    folder: "nextjs-prisma",
    database: "PostgreSQL, Prisma",
    build: "prisma generate, next build",
    pages: "React hooks",
    tables: "prisma/migrations/20260101000000_accounts/migration.sql",
  },
  {
    name: "Next.js and Drizzle",
    folder: "nextjs-drizzle",
    database: "PostgreSQL, Drizzle",
    build: "next build",
    pages: "ready pages",
    tables: ["db:push"],
  },
  {
    name: "SvelteKit",
    folder: "sveltekit",
    database: "PostgreSQL, pg",
    build: "vite build, adapter-node",
    pages: "form actions",
  },
  {
    name: "Cloudflare Workers and D1",
    folder: "workers-d1",
    isWorker: true,
    node: "node22",
    database: "D1 of Cloudflare's simulator",
    build: "wrangler",
    pages: "ready pages",
  },
  {
    name: "NestJS",
    folder: "nestjs-site",
    database: "PostgreSQL, TypeORM",
    build: "nest build",
    pages: "ready pages",
  },
  {
    name: "React Router 7",
    folder: "react-router",
    database: "PostgreSQL, pg",
    build: "react-router build",
    pages: "React hooks",
  },
  {
    name: "Nuxt",
    folder: "nuxt",
    database: "PostgreSQL, pg",
    build: "nuxt build",
    pages: "Vue",
  },
  {
    name: "Astro, on Node 22",
    folder: "astro",
    node: "node22",
    database: "PostgreSQL, pg",
    build: "astro build",
    pages: "pages of Astro",
  },
];
