import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isInNetworks, isPublicAddress } from '../../domain/networks.js';

/** A receiver that has not answered by then is tried again later. */
const LIMIT_MS = 10_000;

/** The host of a webhook leads to where requests of this server must not go. */
export class ForbiddenAddressError extends Error {}

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Private networks that requests may go to. */
  readonly allowed: readonly string[];
}

/**
 * Posts a body and gives the status of the answer, whose body is not read. Nothing is followed: a redirect is a status
 * like any other. The connection goes to an address that was checked, whatever the name leads to by then.
 * @throws ForbiddenAddressError, or what the network throws
 */
export async function post({ url, headers, body, allowed }: WebhookRequest): Promise<number> {
  const target = new URL(url);
  const addresses = await checkedAddresses(target.hostname, allowed);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
    agent: false,
    signal: AbortSignal.timeout(LIMIT_MS),
    lookup: (_host, { all }, callback) => {
      const [first] = addresses;
      if (all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family);
    },
  };
  return new Promise((resolve, reject) => {
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The addresses of a host; a single one that is forbidden forbids them all, since any may be connected to. */
async function checkedAddresses(host: string, allowed: readonly string[]): Promise<LookupAddress[]> {
  const addresses = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true });
  const forbidden = addresses.find(({ address }) => !isPublicAddress(address) && !isInNetworks(address, allowed));
  if (forbidden)
    throw new ForbiddenAddressError(`${host} leads to ${forbidden.address}, which is not a public address`);
  return addresses;
}
