import { isInNetworks, isNetwork, isPublicAddress } from '../../../src/domain/networks.js';

describe('a public address', () => {
  it.each(['1.1.1.1', '14.225.0.1', '172.15.255.255', '172.32.0.1', '2405:4800::1', '2606:4700:4700::1111'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1', '203.0.113.7'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'fe80::1%lo'],
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a network', () => {
  it.each(['10.1.0.0/16', '127.0.0.1', 'fd00::/8', '::1', '0.0.0.0/0'])('is %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });

  it.each(['', 'x', '10.1.0.0/33', '10.1.0.0/', '10.1.0.0/-1', '::1/129', '1.2.3.4/8/8'])('is not "%s"', (text) => {
    expect(isNetwork(text)).toBe(false);
  });

  it.each([
    ['10.1.2.3', true],
    ['10.2.0.0', false],
    ['fd00::1', true],
    ['127.0.0.1', true],
    ['127.0.0.2', false],
  ])('holds %s: %s', (address, isIn) => {
    expect(isInNetworks(address, ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'])).toBe(isIn);
  });
});
