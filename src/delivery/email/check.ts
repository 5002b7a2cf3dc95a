import { isLoopback } from "../../identity/loopback.js";
import { describeError } from "../../runtime/log.js";
import type { Finding, NetworkProbe } from "../../types.js";
import type { MailTransport } from "../mail.js";

/** What nodemailer's transporter has in addition to `sendMail`. Other transports may have none of it. */
interface Verifiable {
  verify?(): Promise<unknown>;
  readonly transporter?: {
    readonly name?: string;
    readonly options?: {
      readonly host?: string;
      readonly port?: number | string;
      readonly secure?: boolean;
      readonly ignoreTLS?: boolean;
      readonly requireTLS?: boolean;
    };
  };
}

/** Checks that the mail server is reachable, accepts the credentials, and encrypts the connection. Sends nothing. */
export async function checkTransport(
  transport: MailTransport,
  network: NetworkProbe | undefined,
): Promise<readonly Finding[]> {
  const { transporter } = transport as Verifiable;
  const findings: Finding[] = [];
  try {
    await (transport as Verifiable).verify?.();
  } catch (error) {
    findings.push({ level: "error", ...explain(error) });
  }
  const { host = "localhost", port, secure, ignoreTLS, requireTLS } = transporter?.options ?? {};
  const isSmtp = /^SMTP/.test(transporter?.name ?? "");
  if (!isSmtp || secure || requireTLS || isLoopback(host) || findings.length > 0) return findings;
  const isOffered =
    !ignoreTLS && (await network?.offersStartTls(host, Number(port ?? 587)).catch(() => undefined));
  if (isOffered === false) {
    findings.push({
      level: "error",
      what: `The connection to the mail server ${host} isn't encrypted${ignoreTLS ? ", because ignoreTLS is set" : ": it doesn't offer STARTTLS"}. Reset links can be read in transit.`,
      fix: "Set secure: true with port 465, or requireTLS: true with a server that offers STARTTLS.",
    });
  }
  return findings;
}

function explain(error: unknown): Pick<Finding, "what" | "fix"> {
  const { code, command } = (error ?? {}) as { code?: unknown; command?: unknown };
  const what = `The mail server can't be used. ${describeError(error)}.`;
  if (code === "EAUTH") return { what, fix: "Check the username and password of the mail transport." };
  if (code === "ETLS" || command === "STARTTLS") {
    return { what, fix: "Use a server that offers STARTTLS, or secure: true with port 465." };
  }
  return { what, fix: "Check the host and port of the mail transport, and that no firewall blocks them." };
}
