// Builds the page into dist, where that is not what the sources come to. Plain JavaScript: set-up runs it.
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { ownPath, rebuild } from "../../tidy/build/rebuild.mjs"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const home = resolve(root, "..", "..")
const styles = join(root, "src", "style")

/** Writes down which files of ours a build was made of. */
const sources = new Set([
  join("packages", "studio", "build", "bundle.mjs"),
  join("packages", "studio", "index.html"),
  // Style sheets are imported by each other, which no plugin hears of.
  ...readdirSync(styles).map((name) => relative(home, join(styles, name))),
])
const noted = {
  name: "noted",
  moduleParsed({ id }) {
    // Modules that a bundler makes up have names that no file has.
    const path = id.startsWith("\0") ? undefined : ownPath(id.replace(/[?#].*/s, ""))
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
  return sources
}

await rebuild({ what: "page", dist: join(root, "dist"), build })
