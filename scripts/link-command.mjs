/**
 * Puts the product's own command where npx looks for the commands of packages. With a `bin` in package.json instead,
 * npx would install the project once more, into a cache of its own, and build it there before it runs.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../node_modules/.bin/', import.meta.url));

mkdirSync(BIN, { recursive: true });
rmSync(`${BIN}sipas`, { force: true });
symlinkSync('../../bin/sipas', `${BIN}sipas`);
