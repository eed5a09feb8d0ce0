// Builds the command into dist, where that is not what the sources come to: what every start needs, and each
// command by itself. Plain JavaScript: set-up runs it.
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { ownPath, rebuild } from "../../tidy/build/rebuild.mjs"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const home = resolve(root, "..", "..")

/** A module's code with texts that stand there replaced by others. */
const replaced = (id, code, texts) =>
  texts.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${id} is another one now, without: ${from}`)
    return text.replace(from, () => to)
  }, code)

/** Texts in Effect's CliOutput.js, and what stands there instead. */
const replacements = [
  [
    'const graphemeSegmenter = /*#__PURE__*/new Intl.Segmenter(undefined, {\n  granularity: "grapheme"\n});',
    'const graphemesOf = text => new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);',
  ],
  ["graphemeSegmenter.segment(stripAnsi(text))", "graphemesOf(stripAnsi(text))"],
  [
    "export const displayWidth = text => {\n",
    "export const displayWidth = text => {\n  if (/^[\\x20-\\x7e→…·–—│]*$/.test(text)) return text.length;\n",
  ],
]

/**
 * To load what tells letters apart in all languages takes as long as half of the start of Node itself: not
 * where a text has none but ASCII and the signs of our own tables, which are a column wide.
 */
const withoutSegmenter = {
  name: "without-segmenter",
  transform(code, id) {
    if (!id.endsWith(join("effect", "dist", "cli", "CliOutput.js"))) return null
    return replaced(id, code, replacements)
  },
}

/** Loads RE2, a file by itself, with the first pattern, because most policies have none and it takes a fifth of Node's start. */
const withLazyPatterns = {
  name: "with-lazy-patterns",
  resolveId: (id) => (id === "./re2js.cjs" ? { id, external: true } : null),
  transform(code, id) {
    if (!id.endsWith(join("identity", "src", "policy", "Re2Pattern.ts"))) return null
    return replaced(id, code, [
      ['import { RE2JS } from "re2js"\n', ""],
      [
        "const pattern = RE2JS",
        'const { RE2JS } = require("./re2js.cjs")\n    const pattern = RE2JS',
      ],
    ])
  },
}

const build = async (to) => {
  const { rolldown } = await import("rolldown")
  const bundle = await rolldown({
    cwd: home,
    input: { main: join("packages", "cli", "src", "main.ts"), re2js: "re2js" },
    platform: "node",
    // It finds its data beside itself.
    external: [/^@electric-sql\/pglite/],
    plugins: [withoutSegmenter, withLazyPatterns],
    // What Vite puts there, and Effect's configuration reads, is nothing here.
    transform: { define: { "import.meta.env": "undefined" } },
  })
  // CommonJS, because a module of Node's own loads all that it could export for an import. Names and lines stay: they
  // are what the trace of an error tells.
  await bundle.write({
    dir: to,
    format: "cjs",
    // An embedded database from npm is a module, which an older Node does not require.
    dynamicImportInCjs: true,
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    comments: { legal: true, annotation: false, jsdoc: false },
    minify: { compress: true, mangle: false, codegen: false },
  })
  const sources = (await bundle.watchFiles).flatMap((id) => ownPath(id) ?? [])
  await bundle.close()
  return [...sources, join("packages", "cli", "build", "build.mjs")]
}

await rebuild({ what: "command", dist: join(root, "dist"), build })
