import { spawnSync } from "node:child_process"
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import * as CommandFiles from "./CommandFiles.ts"
import * as PublishedManifest from "./PublishedManifest.ts"
import * as ReadmeLinks from "./ReadmeLinks.ts"
import { home, pathOf, published, type WorkspacePackage } from "./WorkspacePackage.ts"

/** A package as it is published, in a folder of its own. */
export interface StagedPackage {
  readonly name: string
  readonly version: string
  readonly path: string
}

const compile = (to: string): void => {
  const compiler = join(home, "node_modules", "typescript", "bin", "tsc")
  const project = join(pathOf("release"), "tsconfig.json")
  const { status } = spawnSync(process.execPath, [compiler, "-p", project, "--outDir", to], {
    cwd: home,
    stdio: "inherit",
  })
  if (status !== 0) throw new Error("The packages do not compile.")
}

/** Declarations name modules by their sources: the compiler changes what runs alone. */
const nameBuilt = (folder: string): void => {
  for (const path of globSync("**/*.d.ts", { cwd: folder }).map((name) => join(folder, name))) {
    const text = readFileSync(path, "utf8")
    writeFileSync(path, text.replace(/((?:from|import) ?\(?"\.[^"]*)\.ts"/g, '$1.js"'))
  }
}

/** The repository that a release comes from, where the environment names it as GitHub does. */
export const repositoryOf = (environment: NodeJS.ProcessEnv): string | undefined =>
  environment["GITHUB_REPOSITORY"] || undefined

const stage = (
  each: WorkspacePackage,
  all: ReadonlyArray<WorkspacePackage>,
  compiled: string,
  path: string,
): StagedPackage => {
  const { folder, manifest } = each
  mkdirSync(path, { recursive: true })
  cpSync(join(compiled, folder, "src"), join(path, "dist"), { recursive: true })
  nameBuilt(join(path, "dist"))
  const repository = repositoryOf(process.env)
  const written = PublishedManifest.of(each, all, repository)
  writeFileSync(join(path, "package.json"), `${JSON.stringify(written, undefined, 2)}\n`)
  cpSync(join(home, "LICENSE"), join(path, "LICENSE"))
  if (manifest.name === "onymous") CommandFiles.copy(join(path, "command"))
  const texts = ["README.md", ...written.files.filter((name) => name.endsWith(".md"))]
  const packed = new Set(texts)
  const shown = repository === undefined ? undefined : `https://github.com/${repository}/blob/main/`
  for (const name of texts) {
    const text = readFileSync(join(each.path, name), "utf8")
    const place = { folder: relative(home, each.path), packed, shown }
    writeFileSync(join(path, name), ReadmeLinks.told(text, place))
  }
  return { name: manifest.name, version: manifest.version, path }
}

/** Makes every published package in a folder below `to`, each after those that it depends on. */
export const stageAll = (to: string): ReadonlyArray<StagedPackage> => {
  rmSync(to, { recursive: true, force: true })
  const compiled = join(to, "compiled")
  compile(compiled)
  const all = published()
  const staged = all.map((each) => stage(each, all, compiled, join(to, each.folder)))
  rmSync(compiled, { recursive: true })
  return staged
}
