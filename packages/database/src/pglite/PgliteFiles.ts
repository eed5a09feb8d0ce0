import type { NodeFS } from "@electric-sql/pglite/nodefs"
import * as fs from "node:fs"
import * as PgliteModules from "./PgliteModules.ts"

type Init = NodeFS["init"]

interface NodeStream {
  readonly nfd?: number
}

interface WithNodeFiles {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: NodeStream) => number } }
}

const hasNodeFiles = (module: unknown): module is WithNodeFiles =>
  typeof module === "object" && module !== null && "NODEFS" in module

/**
 * The directory's files with an fsync that reaches the disk: the one that PGlite brings does nothing,
 * so that a power cut would lose events which were answered with 200.
 */
export const open = async (directory: string, hear: (line: string) => void): Promise<NodeFS> => {
  const { NodeFS } = await PgliteModules.loadFiles()
  const files = new NodeFS(directory)
  const init: Init = (...given) => NodeFS.prototype.init.apply(files, given)
  return Object.assign(files, {
    init: async (...given: Parameters<Init>) => durable(await init(...given), hear),
  })
}

/** What PGlite starts with, so that it syncs its files and what it logs is heard. */
const durable = (result: Awaited<ReturnType<Init>>, hear: (line: string) => void) => {
  const { emscriptenOpts } = result
  const sync = (module: unknown) => {
    if (!hasNodeFiles(module)) throw new Error("PGlite's file system has changed: no NODEFS.")
    module.NODEFS.stream_ops.fsync = ({ nfd }) => {
      if (nfd !== undefined) fs.fsyncSync(nfd)
      return 0
    }
  }
  // What Postgres writes to its log is lost otherwise.
  emscriptenOpts.print = hear
  emscriptenOpts.printErr = hear
  emscriptenOpts.preRun = [...(emscriptenOpts.preRun ?? []), sync]
  return result
}
