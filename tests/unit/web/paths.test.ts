import { localAddress } from '../../../src/web/paths.js';

describe('the address of a request on this site', () => {
  it.each([
    ['/reports?period=2026', '/reports?period=2026'],
    ['/', '/'],
    ['//evil.example/x', '/evil.example/x'],
    ['/\\evil.example', '/evil.example'],
    ['\\\\evil.example', '/evil.example'],
    ['http://evil.example/reports?a=1', '/reports?a=1'],
    ['http://evil.example//evil.example/', '/evil.example/'],
    ['HTTPS://evil.example', '/'],
    ['http://evil.example?a=/b', '/?a=/b'],
    ['/reports?next=http://evil.example/', '/reports?next=http://evil.example/'],
  ])('of %s is %s', (url, address) => {
    expect(localAddress(url)).toBe(address);
  });
});
