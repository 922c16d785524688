// A provider of OpenID Connect for tests, in memory, on a port of this machine: oidc-provider.mjs ISSUER REDIRECT_URI
//
// Its page to sign in takes `name#number` with any password: the name may be anybody's, the whole is the subject.
// `.tampered` behind the number alters the id token after it was signed, so that it names the person without `.tampered`;
// `.verified` verifies the address NAME@example.vn. Claims are in the id token where the number is 0, else in the
// userinfo alone.
import Provider from 'oidc-provider';

const [, , issuer, redirectUri] = process.argv;
const nameOf = (subject) => subject.split('#')[0];

const provider = new Provider(issuer, {
  clients: [{ client_id: 'sipas', client_secret: 'secret of sipas', redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
  // What the answers of a provider hold is decided by `findAccount` below.
  conformIdTokenClaims: false,
  cookies: { keys: ['a key of cookies for tests'] },
  findAccount: (_context, subject) => ({
    accountId: subject,
    claims: (use) => {
      const name = nameOf(subject);
      if (use === 'id_token' && !subject.includes('#0')) return { sub: subject };
      const email = { email: `${name}@example.vn`, email_verified: subject.includes('.verified') };
      return { sub: subject, preferred_username: name, ...email };
    },
  }),
});

provider.use(async (context, next) => {
  await next();
  const token = context.body?.id_token;
  if (context.path !== '/token' || token === undefined) return;
  const [head, payload, signature] = token.split('.');
  const claims = Buffer.from(payload, 'base64url').toString();
  const altered = claims.replace('.tampered', '');
  context.body.id_token = [head, Buffer.from(altered).toString('base64url'), signature].join('.');
});

provider.listen(Number(new URL(issuer).port), 'localhost', () => console.log('listening'));
