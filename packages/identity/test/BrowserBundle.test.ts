import { rolldown } from "rolldown"
import { readdirSync } from "node:fs"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { expect, it } from "vitest"

const packages = resolve(import.meta.dirname, "..", "..")

/** The limit of the folding bundle, in gzipped bytes. */
const foldingMax = 20_000

/** Bundles a module for browsers as a user of our packages does: none of them has side effects. */
const bundle = async (text: string) => {
  const entry = resolve(packages, "identity", "src", "entry.ts")
  const bundled = await rolldown({
    input: entry,
    platform: "browser",
    external: /^node:/,
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? entry : null),
        load: (id) => (id === entry ? text : null),
      },
    ],
  })
  const { output } = await bundled.generate({ format: "esm", minify: true })
  await bundled.close()
  const [chunk] = output
  const modules = Object.entries(chunk.modules)
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .map(([id]) => id)
  return { modules, imports: chunk.imports, size: gzipSync(chunk.code).length }
}

it("folding in a browser needs neither Effect nor RE2, and is small", async () => {
  const { modules, imports, size } = await bundle(
    'export * as Identity from "@onymous/identity/Identity"',
  )
  expect(modules.filter((id) => id.includes("node_modules"))).toEqual([])
  expect(imports).toEqual([])
  expect(size).toBeLessThan(foldingMax)
})

/** One module that exports all modules of a room of a package. */
const roomOf = (name: string, room: string): string =>
  readdirSync(resolve(packages, name, "src", room), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map(
      (path, index) => `export * as m${index} from "@onymous/${name}/${room}/${path.slice(0, -3)}"`,
    )
    .join("\n")

const rooms = [
  ...["encoding", "event", "policy", "retraction", "rules", "schema", "state"].map((room) => [
    "identity",
    room,
  ]),
  ...["history", "questions", "replay"].map((room) => ["timetravel", room]),
] as const

it.each(rooms)(
  "%s/%s runs in a browser: it imports nothing of Node",
  async (name = "", room = "") => {
    const { modules, imports } = await bundle(roomOf(name, room))
    expect(modules.length).toBeGreaterThan(1)
    expect(imports).toEqual([])
  },
)
