// A catch-all does not match the folder itself.
export { default } from "./[...]";
