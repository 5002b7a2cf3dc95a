import { resetHandler } from "resetkit/adapters/nextjs";
import { passwordResets } from "@/lib/password-reset";

// Next.js doesn't report the peer address. One reverse proxy writes X-Forwarded-For, so its last entry is the client.
const options = { trustProxy: 1 };

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = resetHandler(passwordResets, options);
