import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@/generated/prisma/client";

const shared = globalThis as { prisma?: PrismaClient };

/** One client for all. Next.js loads this file more than once, and `next build` loads it without a database. */
export const database = () =>
  (shared.prisma ??= new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }),
  }));
