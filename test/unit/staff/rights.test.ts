import { ACTIONS, mayDo, ROLES, type Action, type Role } from '../../../src/staff/rights.js';

/**
 * Copied by hand from the table of roles and scope (security, 5.2): for each role, its own caisse then another one.
 * `-` refused; `yes`; otherwise what it takes. The issue adds one line: advisers may suggest an answer, as a draft.
 */
const TABLE = `
action              | adviser                            | supervisor                 | auditor   | author                      | operator
see-queue           | yes                              - | yes                      - | -       - | -             -             | -             -
claim               | yes                              - | yes                      - | -       - | -             -             | -             -
reply               | own-ticket                       - | own-ticket               - | -       - | -             -             | -             -
read-conversation   | own-ticket                       - | reason                   - | -       - | -             -             | -             -
transfer            | own-ticket                       - | yes                      - | -       - | -             -             | -             -
transfer-away       | -                                - | yes                      - | -       - | -             -             | -             -
unlock-verified     | own-ticket+fresh-sign-in+reason  - | fresh-sign-in+reason     - | -       - | -             -             | -             -
unlock-unverified   | -                                - | -                        - | -       - | -             -             | -             -
see-identity        | -                                - | -                        - | -       - | -             -             | -             -
read-audit          | own-actions                      - | yes                      - | yes   yes | -             -             | -             -
verify-audit        | -                                - | -                        - | yes   yes | -             -             | yes           yes
suggest-answer      | yes                            yes | yes                    yes | -       - | yes           yes           | -             -
propose-knowledge   | -                                - | yes                    yes | -       - | yes           yes           | -             -
approve-knowledge   | -                                - | -                        - | -       - | second-person second-person | -             -
deploy-knowledge    | -                                - | -                        - | -       - | -             -             | yes           yes
administer          | -                                - | -                        - | -       - | -             -             | second-person second-person
`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const roles = rows[0]!.slice(1) as Role[];
const cells = rows.slice(1).flatMap(([action, ...granted]) =>
  granted.flatMap((cell, at) => {
    const [own, other] = cell.split(/\s+/) as [string, string];
    return [
      [roles[at]!, action as Action, '691', own] as const,
      [roles[at]!, action as Action, '131', other] as const,
    ];
  }),
);

function said(held: readonly Role[], action: Action, of: string): string {
  const verdict = mayDo({ roles: held, caisse: '691' }, action, of);
  if (verdict.kind === 'refused') return '-';
  return verdict.under.length === 0 ? 'yes' : verdict.under.join('+');
}

describe('rights', () => {
  it.each(cells)('of an %s of 691 to %s in %s: %s', (role, action, of, expected) => {
    expect(said([role], action, of)).toBe(expected);
  });

  it('have no cell that the table leaves out', () => {
    expect(cells.length).toBe(ROLES.length * ACTIONS.length * 2);
    expect(new Set(cells.map(([role, action, of]) => `${role} ${action} ${of}`)).size).toBe(160);
  });

  it('are none without a role', () => {
    expect(ACTIONS.filter((action) => said([], action, '691') !== '-')).toEqual([]);
  });

  it('open the national queue to those who are named for it only', () => {
    expect(mayDo({ roles: ['adviser'], caisse: 'national' }, 'claim', 'national').kind).toBe('granted');
    expect(mayDo({ roles: ['supervisor'], caisse: '691' }, 'claim', 'national')).toEqual({ kind: 'refused', because: 'other-caisse' });
    expect(mayDo({ roles: ['supervisor'], caisse: 'national' }, 'claim', '691')).toEqual({ kind: 'refused', because: 'other-caisse' });
  });

  it('add up over several roles, by the lightest condition', () => {
    expect(said(['adviser', 'supervisor'], 'transfer', '691')).toBe('yes');
    expect(said(['adviser', 'auditor'], 'read-audit', '131')).toBe('yes');
  });

  it('tell a missing role from another caisse', () => {
    expect(mayDo({ roles: ['auditor'], caisse: '691' }, 'claim', '691')).toEqual({ kind: 'refused', because: 'role' });
  });
});
