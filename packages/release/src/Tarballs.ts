import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { StagedPackage } from "./Staging.ts"

/** A package as npm packs it. */
export interface Tarball {
  readonly name: string
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly unpackedSize: number
}

/** Packs staged packages into a folder. */
export const pack = (staged: ReadonlyArray<StagedPackage>, to: string): ReadonlyArray<Tarball> => {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  const paths = staged.map(({ path }) => path)
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["pack", "--json", "--loglevel=error", "--pack-destination", to, ...paths],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  )
  if (status !== 0) throw new Error(`npm could not pack the packages: ${stderr}`)
  const packed: unknown = JSON.parse(stdout)
  return tarballsIn(packed).map((each) => ({ ...each, path: join(to, each.path) }))
}

const isPacked = (
  value: unknown,
): value is { name: string; filename: string; size: number; unpackedSize: number } =>
  typeof value === "object" && value !== null && "filename" in value && "unpackedSize" in value

/** npm answers with a list, or from version 12 on with an object by name. */
const tarballsIn = (packed: unknown): ReadonlyArray<Tarball> =>
  Object.values(packed ?? {})
    .filter(isPacked)
    .map(({ name, filename, size, unpackedSize }) => ({ name, path: filename, size, unpackedSize }))
