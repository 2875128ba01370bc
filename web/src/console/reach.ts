// Where rights of a member or a client hold, as a form has it. both: communities beside regions, which the server can
// do and no choice here makes.
export interface Reach {
  kind: 'company' | 'regions' | 'communities'
  communities: string[]
  regions: string[]
  both: boolean
}

interface Scope {
  communities: string[]
  regions: string[]
}

export function reachOf(scope?: Partial<Scope>): Reach {
  const communities = [...(scope?.communities ?? [])]
  const regions = [...(scope?.regions ?? [])]
  const kind = regions.length ? 'regions' : communities.length ? 'communities' : 'company'
  return { kind, communities, regions, both: regions.length > 0 && communities.length > 0 }
}

// scopeOf is what the server is told of a reach.
export const scopeOf = ({ kind, communities, regions, both }: Reach): Scope => ({
  communities: kind === 'communities' || (both && kind === 'regions') ? communities : [],
  regions: kind === 'regions' ? regions : [],
})

// missingReach says what a reach leaves out that its kind needs, for each of its fields.
export const missingReach = (
  { kind, communities, regions }: Reach,
  choose: (field: keyof Scope) => string,
): Record<keyof Scope, string> => ({
  regions: kind === 'regions' && !regions.length ? choose('regions') : '',
  communities: kind === 'communities' && !communities.length ? choose('communities') : '',
})
