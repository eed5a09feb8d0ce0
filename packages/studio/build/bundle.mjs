// Builds the page into dist, where that is not what the sources come to. Plain JavaScript: set-up runs it.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const home = resolve(root, "..", "..")
const dist = join(root, "dist")
const styles = join(root, "src", "style")

/** How a file of the project is now; nothing where there is none. */
const stateOf = (path) => {
  const found = statSync(join(home, path), { throwIfNoEntry: false })
  return found && [path, found.size, found.mtimeMs]
}

const isSame = ([path, size, time]) => {
  const now = stateOf(path)
  return now !== undefined && now[1] === size && now[2] === time
}

/** The build lists the files that went into it, with their sizes and times: none is read to compare. */
const isFresh = () => {
  try {
    return JSON.parse(readFileSync(join(dist, "sources.json"), "utf8")).every(isSame)
  } catch {
    return false
  }
}

/** A file of ours by its path in the project; nothing for what is installed. */
const ownPath = (id) => {
  // Modules that a bundler makes up have names that no file has.
  if (id.startsWith("\0")) return undefined
  const path = relative(home, id.replace(/[?#].*/s, ""))
  return path.startsWith(join("packages", sep)) && !path.includes("node_modules") ? path : undefined
}

/** Writes down which files of ours a build was made of. */
const sources = new Set([
  join("packages", "studio", "build", "bundle.mjs"),
  join("packages", "studio", "index.html"),
  // Style sheets are imported by each other, which no plugin hears of.
  ...readdirSync(styles).map((name) => relative(home, join(styles, name))),
  "package-lock.json",
])
const noted = {
  name: "noted",
  moduleParsed({ id }) {
    const path = ownPath(id)
    if (path !== undefined) sources.add(path)
  },
}

const { imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** What package.json has in the place of a package, whoever of ours imports that. */
const replaced = {
  name: "replaced",
  enforce: "pre",
  resolveId(source, importer) {
    const place = imports[`#${source}`] && resolve(root, imports[`#${source}`])
    return place === undefined || importer === place ? null : place
  },
}

/** A part of Effect that the page never calls, and that a bundler keeps: `Api` could tell its document by it. */
const unneeded = /effect\/dist\/internal\/schema\/toJsonSchemaDocument\.js$/

const exported = (code) => [
  ...new Set(
    [...code.matchAll(/^export (?:const|class|function\*?|let) (\w+)/gm)].map(([, name]) => name),
  ),
]

const without = {
  name: "without",
  enforce: "pre",
  load(id) {
    if (!unneeded.test(id)) return null
    return exported(readFileSync(id, "utf8"))
      .map((name) => `export const ${name} = undefined`)
      .join("\n")
  },
}

const build = async (to) => {
  const vite = await import("vite")
  const { default: react } = await import("@vitejs/plugin-react")
  await vite.build({
    configFile: false,
    root,
    logLevel: "warn",
    plugins: [replaced, without, react(), noted],
    build: {
      outDir: to,
      emptyOutDir: true,
      assetsDir: "studio",
      // The content security policy lets no text become code, styles or fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: "es2023",
      chunkSizeWarningLimit: 2000,
      // Nothing that the page is made of does something by being read.
      rolldownOptions: {
        treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false },
      },
    },
  })
  const states = [...sources].toSorted().flatMap((path) => {
    const state = stateOf(path)
    return state === undefined ? [] : [state]
  })
  writeFileSync(join(to, "sources.json"), JSON.stringify(states))
}

/** Puts what was built in place. Another set-up may do the same at the same time: both come to the same. */
const publish = (made, aside) => {
  for (let tries = 0; ; tries++) {
    try {
      return renameSync(made, dist)
    } catch (error) {
      if (tries === 10) throw error
    }
    try {
      renameSync(dist, `${aside}-${tries}`)
    } catch {
      // It is not there any more.
    }
  }
}

if (!isFresh()) {
  console.error("Building the page …")
  const place = join(home, "node_modules", `.onymous-page-${process.pid}`)
  try {
    await build(join(place, "made"))
    publish(join(place, "made"), join(place, "old"))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
