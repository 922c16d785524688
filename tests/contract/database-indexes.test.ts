import { connectDatabase } from '../../src/database/connect.js';
import { createIndexes } from '../../src/database/indexes.js';
import { uniqueUri } from '../helpers/app.js';

it('sessions expire by an index made while the database is opened, also where there is one of an older version', async () => {
  const connection = await connectDatabase(uniqueUri());
  const sessions = connection.collection('sessions');
  const expiry = expect.objectContaining({ key: { expires: 1 }, expireAfterSeconds: 0 });
  await createIndexes(connection);
  expect(await sessions.indexes()).toContainEqual(expiry);
  await sessions.dropIndexes();
  await sessions.createIndexes([{ name: 'expires_1', key: { expires: 1 }, background: true, expireAfterSeconds: 0 }]);
  await createIndexes(connection);
  expect(await sessions.indexes()).toContainEqual(expiry);
  await connection.dropDatabase();
  await connection.close();
});
