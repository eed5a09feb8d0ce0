interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** The part of a package-lock.json that names the dependencies of packages. */
export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>
}

/** The packages that `npm install name` brings, without optional peers, whatever else a folder has. */
export const broughtBy = (name: string, { packages }: Lock): ReadonlyArray<string> => {
  const found = new Set([name])
  for (const each of found) {
    const { dependencies, peerDependencies, peerDependenciesMeta } =
      packages[`node_modules/${each}`] ?? {}
    for (const next of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (peerDependenciesMeta?.[next]?.optional !== true) found.add(next)
    }
  }
  return [...found].toSorted()
}
