/** Texts about single sign-on. */
export const enOidc = {
  'login.oidc': 'Single sign-on',
  'login.oidc.refused': 'Signing in this way did not work. Try again, or tell the administrator this code: {id}.',
  'login.oidc.unreachable': 'Single sign-on does not respond right now. Sign in with a password, or try again later.',
  'accounts.identity': 'Single sign-on',
  'accounts.identity.name': 'Name at single sign-on',
  'accounts.identity.hint': 'Letter by letter, capitals too. Empty: this account signs in by password only.',
  'accounts.identity.bound': 'The person of this name signed in first at {since} and is bound to the account.',
  'accounts.identity.unbound': 'Nobody has signed in with this name yet. The first to do so is bound to the account.',
  'accounts.identity.unbindHelp': 'Saving, even the same name, unbinds them and ends every session at once.',
  'accounts.identity.error.taken': 'Another account has this name.',
  'accounts.identity.error.name': 'A name has at most {most} characters.',
  'audit.action.account.identity': 'Name for single sign-on',
} as const;
