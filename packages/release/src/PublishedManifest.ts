import type { WorkspaceManifest, WorkspacePackage } from "./WorkspacePackage.ts"

type Versions = Readonly<Record<string, string>>

/** Where the sources are to be found, as GitHub names a repository: `owner/name`. */
export type Repository = string

/** Packages that a host has one copy of, and brings itself, in these versions. */
const peers: Versions = {
  effect: "^4.1.0",
  "@effect/sql-pg": "^4.0.5",
  "@electric-sql/pglite": "^0.5.16",
}

/** Peers that only some hosts need: the embedded database is 27 MB, and no use beside a Postgres server. */
const optional: ReadonlySet<string> = new Set(["@electric-sql/pglite"])

/** What every package of ours runs on: Node 20 has neither `Map.groupBy` nor `Promise.withResolvers`. */
const node = ">=22"

/** Modules that do something when they are loaded: a bundler keeps them where nothing of theirs is named. */
const effective: Readonly<Record<string, ReadonlyArray<string>>> = {
  "@onymous/identity": ["./dist/policy/Re2Pattern.js"],
}

const builtOf = (source: string): { readonly types: string; readonly default: string } => {
  const built = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "")
  return { types: `${built}.d.ts`, default: `${built}.js` }
}

/**
 * The entries of a published package. One that has a main entry is entered by names alone: its pattern is for the
 * workspace.
 */
const exportsOf = (exports: WorkspaceManifest["exports"]) => {
  const isNamed = exports["."] !== undefined
  const entries = Object.entries(exports)
    .filter(([entry]) => !(isNamed && entry.includes("*")))
    .map(([entry, source]) => [entry, builtOf(source)])
  return { ...Object.fromEntries(entries), "./package.json": "./package.json" }
}

/** The peers of a package, and those of the packages of ours that it depends on: a host has to bring them all. */
const peersOf = (
  { dependencies }: WorkspaceManifest,
  all: ReadonlyArray<WorkspacePackage>,
): ReadonlyArray<string> => {
  const below = all.filter(({ manifest }) => dependencies[manifest.name] !== undefined)
  const own = Object.keys(dependencies).filter((name) => peers[name] !== undefined)
  return [
    ...new Set([...own, ...below.flatMap(({ manifest }) => peersOf(manifest, all))]),
  ].toSorted()
}

/** The package.json of a published package. */
interface PublishedManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly repository?: { readonly type: "git"; readonly url: string; readonly directory: string }
  readonly type: "module"
  readonly sideEffects: false | ReadonlyArray<string>
  readonly engines: { readonly node: string }
  readonly exports: Readonly<Record<string, unknown>>
  readonly bin?: Versions
  readonly files: ReadonlyArray<string>
  readonly dependencies: Versions
  readonly peerDependencies: Versions
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>
  readonly publishConfig: { readonly access: "public" }
}

/** The package.json of a published package, made of its own in the workspace. */
export const of = (
  { folder, manifest }: WorkspacePackage,
  all: ReadonlyArray<WorkspacePackage>,
  repository: Repository | undefined,
): PublishedManifest => {
  const { name, version, description, license, exports, dependencies } = manifest
  const isLibrary = name === "onymous"
  const brought = peersOf(manifest, all)
  const extras = brought.filter((each) => optional.has(each))
  return {
    name,
    version,
    description,
    license,
    ...(repository !== undefined && {
      repository: {
        type: "git",
        url: `git+https://github.com/${repository}.git`,
        directory: `packages/${folder}`,
      },
    }),
    type: "module",
    sideEffects: effective[name] ?? false,
    engines: { node },
    exports: exportsOf(exports),
    ...(isLibrary && { bin: { onymous: "command/bin/onymous.cjs" } }),
    files: ["dist", ...(isLibrary ? ["command", "CAPABILITIES.md", "CHANGELOG.md"] : [])],
    dependencies: Object.fromEntries(
      Object.entries(dependencies).filter(([each]) => peers[each] === undefined),
    ),
    peerDependencies: Object.fromEntries(brought.map((each) => [each, peers[each] ?? ""])),
    peerDependenciesMeta: Object.fromEntries(extras.map((each) => [each, { optional: true }])),
    publishConfig: { access: "public" },
  }
}
