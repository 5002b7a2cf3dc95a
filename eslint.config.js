import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "coverage/**",
      ".stryker-tmp/**",
      "reports/**",
      "shared/**",
    ],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      "no-console": "error",
      eqeqeq: ["error", "always"],
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: "Take randomness from #crypto, or from a parameter.",
        },
        { selector: "ExportDefaultDeclaration", message: "Name what a file gives." },
      ],
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    // What a security library must never lose: a promise that nobody awaits, or that is taken for a value.
    files: ["src/**/*.ts"],
    languageOptions: {
      parserOptions: { project: "tsconfig.build.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/only-throw-error": "error",
    },
  },
  {
    files: [
      "test/**",
      "bench/**",
      "scripts/**",
      "examples/**",
      "server/**",
      "src/cli/**",
      "vitest.config.ts",
      "vitest.mutation.config.ts",
      "eslint.config.js",
    ],
    rules: { "no-console": "off", "no-restricted-syntax": "off" },
  },
);
