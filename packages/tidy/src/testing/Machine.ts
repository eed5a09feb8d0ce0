import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { delimiter, join, resolve } from "node:path"

/** The folder with `package.json` and `packages`. */
export const home = resolve(import.meta.dirname, "..", "..", "..", "..")

const debian = "/usr/lib/postgresql"

const pathFolders = (): ReadonlyArray<string> => (process.env["PATH"] ?? "").split(delimiter)

/** The folder of the newest Postgres server on this machine, if there is one. */
export const postgresBinaries = (): string | undefined => {
  const versions = existsSync(debian) ? readdirSync(debian).map(Number).filter(Boolean) : []
  const installed = versions
    .toSorted((a, b) => b - a)
    .map((version) => join(debian, `${version}`, "bin"))
  return [...installed, ...pathFolders()].find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  )
}

/** The Chromium that the environment names, or else this machine's, if there is one. */
export const chromium = (): string | undefined =>
  process.env["CHROMIUM_PATH"] ||
  ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => pathFolders().map((folder) => join(folder, name)))
    .find((file) => existsSync(file))

/** The Prometheus of this machine, if there is one. */
export const prometheus = (): string | undefined =>
  pathFolders()
    .map((folder) => join(folder, "prometheus"))
    .find((file) => existsSync(file))

/** The program by which Linux limits how large the files of a running process may become, if there is one. */
export const prlimit = (): string | undefined =>
  pathFolders()
    .map((folder) => join(folder, "prlimit"))
    .find((file) => existsSync(file))

/** The Postgres that the environment names; an empty name counts as none. */
export const namedPostgres = (): string | undefined =>
  process.env["ONYMOUS_TEST_DATABASE_URL"] || undefined

/** A program that some suites need and not every machine has. */
export interface Need {
  readonly what: string
  readonly remedy: string
  readonly isMet: () => boolean
  readonly isOf: (suite: string) => boolean
}

const needs: ReadonlyArray<Need> = [
  {
    what: "a Postgres server",
    remedy: "apt-get install postgresql, or name a server in ONYMOUS_TEST_DATABASE_URL",
    isMet: () => namedPostgres() !== undefined || postgresBinaries() !== undefined,
    isOf: (suite) =>
      suite.endsWith(".integration.test.ts") ||
      readFileSync(join(home, suite), "utf8").includes('inject("postgresUrl")'),
  },
  {
    what: "Chromium",
    remedy: "apt-get install chromium, or name one in CHROMIUM_PATH",
    isMet: () => chromium() !== undefined,
    isOf: (suite) => suite.endsWith(".chromium.test.ts"),
  },
  {
    what: "Prometheus",
    remedy: "apt-get install prometheus",
    isMet: () => prometheus() !== undefined,
    isOf: (suite) => suite.endsWith(".prometheus.test.ts"),
  },
  {
    what: "prlimit",
    remedy: "apt-get install util-linux",
    isMet: () => prlimit() !== undefined,
    isOf: (suite) => suite.endsWith(".prlimit.test.ts"),
  },
]

/** All test files, by their paths from the project's folder. */
export const suites = (): ReadonlyArray<string> =>
  globSync("packages/*/test/**/*.test.ts", { cwd: home }).toSorted()

/** The programs that this machine lacks, the suites that need them, and how to install them. */
export const missing = (
  wanted: ReadonlyArray<string>,
  all: ReadonlyArray<Need> = needs,
): ReadonlyArray<string> =>
  all.flatMap(({ what, remedy, isMet, isOf }) => {
    const idle = isMet() ? [] : wanted.filter(isOf)
    return idle.length === 0
      ? []
      : [`Not run, for want of ${what} (${remedy}):`, ...idle.map((suite) => `  ${suite}`)]
  })
