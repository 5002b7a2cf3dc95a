/**
 * The colors of pages and emails, shared so that both look like they come from one sender. Text has WCAG 2.2 AA contrast on
 * every background that it appears on.
 */
export interface Colors {
  /** Behind the card. */
  readonly paper: string;
  readonly card: string;
  readonly ink: string;
  /** Secondary text. */
  readonly soft: string;
  /** Borders of quiet boxes. */
  readonly line: string;
  /** Borders of fields, with a contrast of 3:1. */
  readonly edge: string;
  readonly accent: string;
  /** The accent on hover. */
  readonly accentStrong: string;
  readonly onAccent: string;
  readonly tint: string;
  /** Success. */
  readonly good: string;
  readonly goodTint: string;
  /** Waiting. */
  readonly wait: string;
  readonly waitTint: string;
  /** Failure. */
  readonly bad: string;
  readonly badTint: string;
}

export const lightColors: Colors = {
  paper: "#f3f4f8",
  card: "#ffffff",
  ink: "#171a26",
  soft: "#565c70",
  line: "#d9dce6",
  edge: "#7d8398",
  accent: "#4338ca",
  accentStrong: "#352ba8",
  onAccent: "#ffffff",
  tint: "#ecebfb",
  good: "#17693f",
  goodTint: "#e3f4ea",
  wait: "#855300",
  waitTint: "#fdf1d8",
  bad: "#b3261e",
  badTint: "#fdf0ef",
};

export const darkColors: Colors = {
  paper: "#0f111a",
  card: "#181b27",
  ink: "#eceef6",
  soft: "#a5abc0",
  line: "#2c3143",
  edge: "#747b94",
  accent: "#a5a2fb",
  accentStrong: "#c3c1fd",
  onAccent: "#14123a",
  tint: "#262547",
  good: "#7ddba6",
  goodTint: "#12362a",
  wait: "#f3c26b",
  waitTint: "#3a2c12",
  bad: "#ffb4ab",
  badTint: "#3a1f20",
};
