export const ROLES = ['admin', 'manager', 'viewer', 'integration', 'kiosk'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: a signed-in account, an API token or a kiosk. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  /** Unit or centre code that covers everything below it; null: everything. */
  readonly scope: string | null;
  /** Of a kiosk's token: the kiosk it speaks for. */
  readonly kiosk?: KioskIdentity;
}

export interface KioskIdentity {
  readonly centre: string;
  /** Empty for a centre's token that belongs to no single kiosk. */
  readonly code: string;
}

/** What the roles of contract §3 may do. */
const RIGHTS = {
  'responses:write': ['kiosk'],
  'dossiers:write': ['admin', 'integration'],
  'kiosks:manage': ['admin', 'manager'],
  'tickets:make': ['admin', 'manager', 'integration'],
  'kiosks:bind': ['admin', 'manager', 'integration'],
  'reports:read': ['admin', 'manager', 'viewer'],
  'exports:read': ['admin', 'manager'],
  'imports:write': ['admin'],
  'indices:write': ['admin'],
  'scores:write': ['admin', 'manager'],
  'questionnaires:manage': ['admin'],
  'grades:manage': ['admin'],
  'catalogue:read': ['admin', 'manager', 'viewer', 'integration', 'kiosk'],
  'accounts:manage': ['admin'],
  'centres:manage': ['admin'],
  'audit:read': ['admin'],
  'settings:manage': ['admin'],
  'metrics:read': ['admin'],
} as const satisfies Record<string, readonly Role[]>;
export type Right = keyof typeof RIGHTS;

/** Whether a role has a right; where it may use it is the scope's matter. */
export function may(role: Role, right: Right): boolean {
  return RIGHTS[right].some((allowed) => allowed === role);
}
