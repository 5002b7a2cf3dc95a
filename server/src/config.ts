/** What the demo reads from its environment variables. */
export interface Config {
  /** 0 means any free port. */
  readonly port: number;
  readonly host: string;
  /** The folder for the database, the inbox, and the secret. */
  readonly dataDir: string;
  /** The origin that links start with. Default: the host and port that the demo listens on. */
  readonly baseUrl: string | undefined;
  readonly throttle: boolean;
  /** URL of a mail server. Default: emails go to the inbox page. */
  readonly smtpUrl: string | undefined;
  /** The sender of every email. */
  readonly mailFrom: string;
  /** The port for metrics, on the loopback address only. 0 means any free port. Default: metrics aren't served. */
  readonly metricsPort: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration. Throws an error whose message names the variable and ends with the fix. */
export function readConfig(environment: Environment): Config {
  const given = (name: string) => environment[name]?.trim() || undefined;
  const metricsPort = given("METRICS_PORT");
  refuseToServe(given("NODE_ENV"), given("HOST"), given("EXPOSE"));
  return {
    port: readPort("PORT", given("PORT") ?? "3000"),
    host: readHost(given("HOST") ?? "127.0.0.1"),
    dataDir: given("DATA_DIR") ?? ".data",
    baseUrl: readBaseUrl(given("BASE_URL")),
    throttle: readThrottle(given("THROTTLE")),
    smtpUrl: readSmtpUrl(given("SMTP_URL")),
    mailFrom: given("MAIL_FROM") ?? "resetkit demo <no-reply@example.com>",
    metricsPort: metricsPort === undefined ? undefined : readPort("METRICS_PORT", metricsPort),
  };
}

/** Anyone who can reach the demo can read its inbox, and sign in with the passwords that it shows. */
function refuseToServe(mode: string | undefined, host = "127.0.0.1", expose: string | undefined): void {
  if (mode === "production") {
    throw new Error(
      "The demo shows every email to anyone, so it doesn't start with NODE_ENV=production. Build your server from examples/ instead.",
    );
  }
  if (isLoopback(host) || expose === "on") return;
  // readHost reports this one.
  if (!/^[\w.:-]+$/.test(host)) return;
  throw new Error(
    `HOST is "${host}", which other computers can reach, and the demo shows every email to anyone. Leave HOST out, or set EXPOSE=on in a network that you trust.`,
  );
}

/** Whether only this computer can reach a host. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
}

function readPort(variable: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(
    `${variable} is "${text}", which isn't a port number. Set it to 1 to 65535, or to 0 for any free port.`,
  );
}

function readHost(text: string): string {
  if (/^[\w.:-]+$/.test(text)) return text;
  throw new Error(
    `HOST is "${text}", which isn't a host name or an IP address. Set it without a port, such as 0.0.0.0.`,
  );
}

// Paths are appended to it to form links, so it must be an origin.
function readBaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = parseUrl(text);
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return url.origin;
  throw new Error(
    `BASE_URL is "${text}", which isn't an origin. Set it to scheme and host only, such as https://demo.example.com.`,
  );
}

function readThrottle(text: string | undefined): boolean {
  if (text === undefined) return true;
  if (text.toLowerCase() === "off") return false;
  throw new Error(
    `THROTTLE is "${text}". Set it to "off", or leave it out for 3 requests per IP address per day.`,
  );
}

// The error doesn't quote the URL, since it may contain a password.
function readSmtpUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = parseUrl(text);
  if (url && /^smtps?:$/.test(url.protocol) && url.hostname !== "") return text;
  throw new Error(
    "SMTP_URL isn't the URL of a mail server. Set it to something like smtp://user:password@host:587.",
  );
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
