/**
 * A request's path and query as an address on this site. What a client sends may be a whole address, or start with two
 * slashes; sent back in a link or a redirect, either would lead elsewhere.
 */
export function localAddress(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/\\?#]*/i, '').replace(/^[/\\]*/, '/');
}
