import type { Connection } from 'mongoose';

/** Numbers by name, at any depth. */
export interface Counts {
  [name: string]: number | Counts;
}

/** Codes of the centres by the code of their province. */
export async function centresByProvince(connection: Connection): Promise<Map<string, string[]>> {
  const units = await connection.collection('units').find({}).sort({ validFrom: 1 }).toArray();
  const parents = new Map(units.map(({ code, parent }) => [String(code), parent === null ? null : String(parent)]));
  const centres = await connection.collection<{ _id: string; unit: string }>('centres').find({}).toArray();
  const provinces = new Map<string, string[]>();
  for (const { _id, unit } of centres) {
    const province = parents.get(unit) ?? unit;
    provinces.set(province, [...(provinces.get(province) ?? []), _id]);
  }
  return provinces;
}

/** Adds numbers to those at the same places. */
export function addNumbers(into: Counts, from: Counts): void {
  for (const [name, value] of Object.entries(from)) {
    const before = into[name];
    if (typeof value === 'number') {
      into[name] = (typeof before === 'number' ? before : 0) + value;
      continue;
    }
    const inner = typeof before === 'object' ? before : {};
    into[name] = inner;
    addNumbers(inner, value);
  }
}
