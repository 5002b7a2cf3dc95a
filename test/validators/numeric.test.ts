import { expect, it } from "vitest";
import { numeric } from "../../src/validators/numeric.js";
import { nobody } from "./context.js";

it.each(["0", "12345678", "٠١٢٣٤٥٦٧٨٩", "１２３４", "1".repeat(100_000)])(
  "numeric refuses digits alone: %#",
  (password) => {
    expect(numeric()(password, nobody)).toEqual({
      code: "entirely_numeric",
      message: "Add a letter or symbol. Numbers alone are easy to guess.",
    });
  },
);

it.each(["", "1234567a", "12 34 56 78", "-12345678", "½", "1".repeat(100_000) + "x"])(
  "numeric accepts %#",
  (password) => {
    expect(numeric()(password, nobody)).toBeNull();
  },
);
