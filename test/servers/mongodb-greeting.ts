/** What a MongoDB server that stands alone answers to `hello`, as of version 7. */
export const greeting = {
  ismaster: true,
  isWritablePrimary: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
};

/** What it answers to `buildInfo`. */
export const buildInfo = { version: "7.0.0", versionArray: [7, 0, 0, 0] };
