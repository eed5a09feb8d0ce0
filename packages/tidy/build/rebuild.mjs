// Builds a folder where it is not what its sources come to. Plain JavaScript: set-up runs it.
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import freshness from "./freshness.cjs"

const { home, isFresh, list, stateOf } = freshness

/** A file of ours by its path in the project; nothing for what is installed. */
export const ownPath = (file) => {
  const path = relative(home, file)
  return path.startsWith(join("packages", sep)) && !path.includes("node_modules") ? path : undefined
}

/** The files that make every build what it is, by their paths in the project. */
const common = [
  join("packages", "tidy", "build", "freshness.cjs"),
  join("packages", "tidy", "build", "rebuild.mjs"),
  "package-lock.json",
]

/** Puts what was built in place. Another set-up may do the same at the same time: both come to the same. */
const publish = (made, dist, aside) => {
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

/** Builds what is called `what` into `dist`, unless that is fresh; `build` answers with the files that went into it. */
export const rebuild = async ({ what, dist, build }) => {
  if (isFresh(dist)) return
  console.error(`Building the ${what} …`)
  const place = join(home, "node_modules", `.onymous-${what}-${process.pid}`)
  const made = join(place, "made")
  try {
    const sources = new Set([...(await build(made)), ...common])
    const states = [...sources].toSorted().flatMap((path) => {
      const state = stateOf(path)
      return state === undefined ? [] : [state]
    })
    writeFileSync(join(made, list), JSON.stringify(states))
    publish(made, dist, join(place, "old"))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
