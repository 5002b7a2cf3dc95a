/**
 * The colors of pages and emails, which share them so that both look like one sender. Text has the contrast of
 * WCAG 2.2 AA on every background that it stands on.
 */
export interface Colors {
  /** Behind the card. */
  readonly paper: string;
  readonly card: string;
  readonly ink: string;
  /** Secondary text. */
  readonly soft: string;
  /** Around quiet boxes. */
  readonly line: string;
  /** Around fields, with 3:1. */
  readonly edge: string;
  readonly accent: string;
  /** The accent under the pointer. */
  readonly accentStrong: string;
  readonly onAccent: string;
  readonly tint: string;
  /** It worked. */
  readonly good: string;
  readonly goodTint: string;
  /** Something takes time. */
  readonly wait: string;
  readonly waitTint: string;
  /** It failed. */
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
