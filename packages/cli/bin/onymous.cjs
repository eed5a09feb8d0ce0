#!/usr/bin/env node
// Starts the command from what was built of it, or from its sources where that is missing or older than
// they are. CommonJS, since each of Node's own modules is half as dear to load there.
const { existsSync } = require("node:fs")
const { enableCompileCache } = require("node:module")
const { join } = require("node:path")

const built = join(__dirname, "..", "dist")

/** Why the sources have to do, where they are at hand: an installed package has none, and is as it is. */
const complaint = () => {
  if (!existsSync(join(__dirname, "..", "src"))) return undefined
  const { isFresh } = require("../../tidy/build/freshness.cjs")
  if (isFresh(built)) return undefined
  return existsSync(built)
    ? "What is built of onymous is older than its sources"
    : "onymous is not built"
}

const told = complaint()
if (!Map.groupBy || !Promise.withResolvers) {
  // It would start, and fail later at whatever this Node lacks.
  console.error(`onymous needs Node 22 or later, and this is Node ${process.versions.node}.`)
  process.exitCode = 3
} else if (told === undefined) {
  // Beside what is cached, so that what is built anew leaves nothing behind.
  enableCompileCache?.(join(built, "cache"))
  require("../dist/main.cjs")
} else if (!process.features.typescript) {
  console.error(`${told}, and this Node cannot run its sources: npm run setup builds it.`)
  process.exitCode = 3
} else {
  console.error(`${told}: it starts slowly, from its sources, until npm run setup has built it.`)
  import("../src/main.ts")
}
