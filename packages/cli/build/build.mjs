// Builds the command into dist, where that is not what the sources come to: what every start needs, and each
// command by itself. Plain JavaScript: set-up runs it.
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import freshness from "./freshness.cjs"

const { dist, home, isFresh, stateOf } = freshness

/** Texts in Effect's CliOutput.js, and what stands there instead. */
const replacements = [
  [
    'const graphemeSegmenter = /*#__PURE__*/new Intl.Segmenter(undefined, {\n  granularity: "grapheme"\n});',
    'const graphemesOf = text => new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);',
  ],
  ["graphemeSegmenter.segment(stripAnsi(text))", "graphemesOf(stripAnsi(text))"],
  [
    "export const displayWidth = text => {\n",
    "export const displayWidth = text => {\n  if (/^[\\x20-\\x7e]*$/.test(text)) return text.length;\n",
  ],
]

/**
 * To load what tells letters apart in all languages takes as long as half of the start of Node itself: not
 * where a text has none but the letters of ASCII.
 */
const withoutSegmenter = {
  name: "without-segmenter",
  transform(code, id) {
    if (!id.endsWith(join("effect", "dist", "cli", "CliOutput.js"))) return null
    return replacements.reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${id} is another one now, without: ${from}`)
      return text.replace(from, () => to)
    }, code)
  },
}

/** A file of ours by its path in the project; nothing for what is installed. */
const ownPath = (id) => {
  const path = relative(home, id)
  return path.startsWith(join("packages", sep)) ? path : undefined
}

const build = async (to) => {
  const { rolldown } = await import("rolldown")
  const bundle = await rolldown({
    cwd: home,
    input: { main: join("packages", "cli", "src", "main.ts") },
    platform: "node",
    // It finds its data beside itself.
    external: [/^@electric-sql\/pglite/],
    plugins: [withoutSegmenter],
  })
  // Names and lines stay: they are what the trace of an error tells.
  await bundle.write({
    dir: to,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    comments: { legal: true, annotation: false, jsdoc: false },
    minify: { compress: true, mangle: false, codegen: false },
  })
  const sources = (await bundle.watchFiles).flatMap((id) => ownPath(id) ?? [])
  await bundle.close()
  const own = ["build.mjs", "freshness.cjs"].map((name) => join("packages", "cli", "build", name))
  const states = [...sources.toSorted(), ...own, "package-lock.json"].map(stateOf)
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
  console.error("Building the command …")
  const place = join(home, "node_modules", `.onymous-build-${process.pid}`)
  try {
    await build(join(place, "made"))
    publish(join(place, "made"), join(place, "old"))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
