import { spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import * as Staging from "../src/Staging.ts"
import * as Tarballs from "../src/Tarballs.ts"
import { pathOf } from "../src/WorkspacePackage.ts"

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder outside of the project into which the packed packages were installed, with everything that tries them. */
export interface Trial {
  readonly folder: string
  readonly staged: ReadonlyArray<Staging.StagedPackage>
  readonly tarballs: ReadonlyArray<Tarballs.Tarball>
  /** The older Node on which the packages run too. */
  readonly olderNode: string
  readonly remove: () => void
}

/** Variables of npm, Node and Vitest that our scripts and tests pass on: they are about this project. */
const told = /^npm_(?:config_local_prefix|package|lifecycle)|^NODE_(?:ENV|OPTIONS)$|^VITE/

/** The environment of a program in a folder of the trial: commands installed there come first. */
export const environment = (
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !told.test(name))),
  PATH: [join(folder, "node_modules", ".bin"), dirname(process.execPath), process.env["PATH"]].join(
    delimiter,
  ),
  ...more,
})

/** How long a program may take, in milliseconds: far longer than any takes on a busy machine. */
const patience = 280_000

/** Runs a program to its end; a program that hangs has no exit code. */
export const run = (
  folder: string,
  command: string,
  words: ReadonlyArray<string>,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  new Promise((ended, failed) => {
    const child = spawn(command, words, {
      cwd: folder,
      env: environment(folder, more),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: patience,
      killSignal: "SIGKILL",
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk))
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk))
    child.once("error", failed)
    child.once("close", (code) => ended({ code, stdout, stderr }))
  })

const install = async (folder: string): Promise<void> => {
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
  const { code, stderr } = await run(folder, "npm", ["install", ...flags])
  if (code !== 0) throw new Error(`npm could not install the packages: ${stderr}`)
}

/** The names of the examples. */
export const examples = readdirSync(pathOf("examples")).filter((name) =>
  existsSync(join(pathOf("examples"), name, "package.json")),
)

const older = { name: `node-linux-${process.arch}`, version: "22.23.3" }

/** Builds, packs and installs everything, once for all tests. */
export const prepare = async (): Promise<Trial> => {
  const home = mkdtempSync(join(tmpdir(), "onymous-trial-"))
  const [folder, nodes] = [join(home, "host"), join(home, "nodes")]
  cpSync(join(pathOf("release"), "trial"), folder, { recursive: true })
  for (const name of examples) {
    cpSync(join(pathOf("examples"), name), join(folder, "examples", name), { recursive: true })
  }
  const staged = Staging.stageAll(join(home, "packages"))
  const tarballs = Tarballs.pack(staged, join(home, "tarballs"))
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const dependencies = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, dependencies }))
  mkdirSync(nodes)
  writeFileSync(
    join(nodes, "package.json"),
    JSON.stringify({ private: true, dependencies: { [older.name]: older.version } }),
  )
  await Promise.all([install(folder), install(nodes)])
  return {
    folder,
    staged,
    tarballs,
    olderNode: join(nodes, "node_modules", older.name, "bin", "node"),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
