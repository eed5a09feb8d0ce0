// Says whether what is built is what the sources come to. None is read for that: the build lists the files
// that went into it, with their sizes and times, and to look at these takes two milliseconds.
const { readFileSync, statSync } = require("node:fs")
const { join } = require("node:path")

const home = join(__dirname, "..", "..", "..")

/** How a file of the project is now; nothing where there is none. */
const stateOf = (path) => {
  const found = statSync(`${home}/${path}`, { throwIfNoEntry: false })
  return found && [path, found.size, found.mtimeMs]
}

const isSame = ([path, size, time]) => {
  const now = stateOf(path)
  return now !== undefined && now[1] === size && now[2] === time
}

/** The name of the list in what is built. */
const list = "sources.json"

/** True where a folder was built from the sources as they are. */
const isFresh = (dist) => {
  try {
    return JSON.parse(readFileSync(join(dist, list), "utf8")).every(isSame)
  } catch {
    return false
  }
}

module.exports = { home, isFresh, list, stateOf }
