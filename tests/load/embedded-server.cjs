'use strict';
// The built engine in a process of its own, for benchmarks and fault tests. Argument: data directory.
const { join } = require('node:path');
const { startEmbeddedMongo } = require(
  join(__dirname, process.env.EMBEDDED_DIST ?? '../../dist/embedded-mongo/index.js'),
);

const started = performance.now();
startEmbeddedMongo({ dataDir: process.argv[2] }).then(
  (engine) => {
    process.send({ uri: engine.uri, milliseconds: performance.now() - started });
    process.once('message', () => void engine.close().then(() => process.exit(0)));
    process.once('disconnect', () => process.exit(0));
  },
  (error) => {
    console.error(String(error));
    process.exit(1);
  },
);
