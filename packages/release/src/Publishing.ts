import { spawnSync } from "node:child_process"
import type { StagedPackage } from "./Staging.ts"

/** How much a release does. */
export interface Options {
  /** Does all but the upload. */
  readonly isTrial: boolean
  readonly repository: string | undefined
}

/** What npm is asked to publish a package; refused where nobody could say what it was made of. */
export const wordsFor = ({ path }: StagedPackage, { isTrial, repository }: Options) => {
  if (isTrial) return ["publish", path, "--access", "public", "--dry-run"]
  if (repository === undefined) {
    throw new Error(
      "A provenance names the repository that a package is made of: GITHUB_REPOSITORY is expected to be owner/name.",
    )
  }
  return ["publish", path, "--access", "public", "--provenance"]
}

const isPublished = ({ name, version }: StagedPackage): boolean =>
  spawnSync("npm", ["view", `${name}@${version}`, "version"], {
    encoding: "utf8",
  }).stdout.trim() === version

/**
 * Publishes packages in their order, so that none is there before what it depends on. One that is there already is passed
 * over: a release that broke off goes on where it was.
 */
export const publish = (
  staged: ReadonlyArray<StagedPackage>,
  options: Options,
  tell: (line: string) => void,
): void => {
  const all = staged.map((each) => ({ ...each, words: wordsFor(each, options) }))
  for (const { words, ...each } of all) {
    const named = `${each.name}@${each.version}`
    if (isPublished(each)) {
      tell(`${named} is published already.`)
      continue
    }
    const { status } = spawnSync("npm", words, { stdio: ["ignore", 2, 2] })
    if (status !== 0) throw new Error(`${named} was not published.`)
    tell(`${named} is published${options.isTrial ? ", or would be" : ""}.`)
  }
}
