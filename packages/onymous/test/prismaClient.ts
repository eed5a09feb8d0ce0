import { PrismaPg } from "@prisma/adapter-pg"
import { type GetPrismaClientConfig, getPrismaClient } from "@prisma/client/runtime/client"
import { readFileSync } from "node:fs"
import { join } from "node:path"

/*
 * Prisma's client on `pg`, for a schema that has orders. `prisma generate` needs a download to write such a client: the
 * fixture has the part that comes from the schema, and this file the rest.
 */

/** A global of browsers that Node has, and that the compiler does not know. */
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => unknown }

const compiler = "@prisma/client/runtime/query_compiler_fast_bg.postgresql"

type Generated = Pick<
  GetPrismaClientConfig,
  "clientVersion" | "engineVersion" | "inlineSchema" | "runtimeDataModel" | "parameterizationSchema"
>

const generated: Generated = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixture", "prisma-orders.json"), "utf8"),
)

const PrismaClient = getPrismaClient({
  ...generated,
  previewFeatures: [],
  activeProvider: "postgresql",
  compilerWasm: {
    getRuntime: () => import(`${compiler}.mjs`),
    getQueryCompilerWasmModule: async () => {
      const { wasm } = await import(`${compiler}.wasm-base64.mjs`)
      return new WebAssembly.Module(Buffer.from(wasm, "base64"))
    },
    importName: "./query_compiler_fast_bg.js",
  },
})

/** Opens Prisma's client. */
export const prismaClient = (url: string) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
