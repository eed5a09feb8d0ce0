import { NodeFS } from "@electric-sql/pglite/nodefs"
import * as fs from "node:fs"

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
export class PgliteFiles extends NodeFS {
  readonly #hear: (line: string) => void

  constructor(directory: string, hear: (line: string) => void) {
    super(directory)
    this.#hear = hear
  }

  override async init(...args: Parameters<Init>): ReturnType<Init> {
    const result = await super.init(...args)
    const before = result.emscriptenOpts.preRun
    const durable = (module: unknown) => {
      if (!hasNodeFiles(module)) throw new Error("PGlite's file system has changed: no NODEFS.")
      module.NODEFS.stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) fs.fsyncSync(nfd)
        return 0
      }
    }
    // What Postgres writes to its log is lost otherwise.
    result.emscriptenOpts.print = this.#hear
    result.emscriptenOpts.printErr = this.#hear
    result.emscriptenOpts.preRun = [...(before ?? []), durable]
    return result
  }
}
