import { BlockList, isIP, isIPv4 } from 'node:net';

/** Networks of IPv4 that are nobody's public address: private, shared, loopback, link-local, test, multicast, reserved. */
const CLOSED_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** All of IPv6 that is public; the rest is local, mapped or not given out. */
const OPEN_IPV6 = ['2000::/3'];
/** Of those, what is for documentation or carries an IPv4 address, which may be any. */
const CLOSED_IPV6 = ['2001::/32', '2001:db8::/32', '2002::/16'];

/** Whether a text is an address or a network such as `10.1.0.0/16`. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, more] = text.split('/');
  if (isIP(address) === 0 || more !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longestPrefix(address));
}

/** Whether an address is in one of the networks, each as {@link isNetwork} knows them. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  return isIn(listOf(networks), address);
}

/** Whether an address belongs to one machine on the internet, and not to this one or to a network of its own. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !isIn(closedIpv4, address);
  return isIn(openIpv6, address) && !isIn(closedIpv6, address);
}

const closedIpv4 = listOf(CLOSED_IPV4);
const openIpv6 = listOf(OPEN_IPV6);
const closedIpv6 = listOf(CLOSED_IPV6);

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address));
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = longestPrefix(address)] = network.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

function longestPrefix(address: string): number {
  return isIPv4(address) ? 32 : 128;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
