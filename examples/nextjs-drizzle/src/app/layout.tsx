import type { Metadata } from "next";
import type { ReactNode } from "react";
import "./globals.css";

// The page of the link has the token in its address until its script has run.
export const metadata: Metadata = { title: "Example", referrer: "no-referrer" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <main>{children}</main>
      </body>
    </html>
  );
}
