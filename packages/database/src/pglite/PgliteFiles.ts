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
 * The files of a directory, with an fsync that reaches the disk. PGlite's own fsync does nothing, so that a power cut
 * would lose events that were answered with 200.
 */
export const open = async (directory: string, hear: (line: string) => void): Promise<NodeFS> => {
  const { NodeFS } = await PgliteModules.loadFiles()
  const files = new NodeFS(directory)
  const init: Init = (...given) => NodeFS.prototype.init.apply(files, given)
  return Object.assign(files, {
    init: async (...given: Parameters<Init>) => durable(await init(...given), hear),
  })
}

/** Makes PGlite sync its files, and hands its log lines to `hear`. */
const durable = (result: Awaited<ReturnType<Init>>, hear: (line: string) => void) => {
  const { emscriptenOpts } = result
  const sync = (module: unknown) => {
    if (!hasNodeFiles(module)) throw new Error("PGlite's file system has changed: no NODEFS.")
    module.NODEFS.stream_ops.fsync = ({ nfd }) => {
      if (nfd !== undefined) fs.fsyncSync(nfd)
      return 0
    }
  }
  // Without this, the log lines of Postgres are lost.
  emscriptenOpts.print = hear
  emscriptenOpts.printErr = hear
  emscriptenOpts.preRun = [...(emscriptenOpts.preRun ?? []), sync]
  return result
}
