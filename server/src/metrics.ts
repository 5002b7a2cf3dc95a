/** Counters in the text format of Prometheus. */
export interface Metrics {
  /** Adds one. Labels come from fixed sets, never from a request. */
  count(name: keyof typeof help, labels?: Readonly<Record<string, string>>): void;
  text(): string;
}

const help = {
  resetkit_password_hashes_total: "Password hashes computed.",
  resetkit_mails_total: "Emails that the mail server or the inbox accepted.",
  resetkit_resets_total: "Passwords reset.",
  resetkit_refusals_total: "Rejected API requests, and requests that ended without an email.",
  resetkit_failures_total: "Unexpected failures.",
} as const;

export function createMetrics(): Metrics {
  const series = new Map<string, Map<string, number>>();
  for (const name of Object.keys(help)) series.set(name, new Map());
  series.get("resetkit_password_hashes_total")!.set("", 0);
  series.get("resetkit_resets_total")!.set("", 0);

  return {
    count(name, labels = {}) {
      const values = series.get(name)!;
      const key = writeLabels(labels);
      values.set(key, (values.get(key) ?? 0) + 1);
    },
    text() {
      let text = "";
      for (const [name, values] of series) {
        text += `# HELP ${name} ${help[name as keyof typeof help]}\n# TYPE ${name} counter\n`;
        for (const [labels, value] of values) text += `${name}${labels} ${value}\n`;
      }
      return text;
    },
  };
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
