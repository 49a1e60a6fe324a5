/** Made-up advisers, by first name. */
import type { HandoffReason, Need } from '../../src/conversation/handoff.js';

export const STAFF = [
  { id: 'oid-camille', name: 'Camille', caisse: '751', supervisor: false },
  { id: 'oid-karim', name: 'Karim', caisse: '751', supervisor: false },
  { id: 'oid-ines', name: 'Inès', caisse: '751', supervisor: true },
  { id: 'oid-lucie', name: 'Lucie', caisse: '131', supervisor: false },
] as const;

export const NATIONAL_NEEDS: Partial<Readonly<Record<HandoffReason, Need>>> = { 'suspected-fraud': 'fraud', 'third-party': 'third-party' };

export function staff(name: string): (typeof STAFF)[number] {
  const found = STAFF.find((one) => one.name === name);
  if (!found) throw new RangeError(`nobody is called ${name}`);
  return found;
}
